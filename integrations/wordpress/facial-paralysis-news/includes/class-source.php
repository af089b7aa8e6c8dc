<?php
/**
 * Reads a section as the program has published it, from a folder or by HTTP.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

use WP_Error;

/** Each function returns a WP_Error whose message is one sentence for administrators. */
final class Source {
	/** Bytes. A section of twelve stories has about 15,000. */
	private const LARGEST = 512 * 1024;

	/** Seconds. */
	private const TIMEOUT = 5;

	/** Whether this can be a topic; empty is the front page's news. */
	public static function is_topic( string $topic ): bool {
		return 1 === preg_match( '/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/D', $topic ) && strlen( $topic ) <= 60;
	}

	/**
	 * The section of a topic, clean and with absolute addresses.
	 *
	 * @return string|WP_Error
	 */
	public static function section( string $topic ) {
		if ( ! self::is_topic( $topic ) ) {
			return new WP_Error( 'topic', __( 'This is not the name of a topic.', 'facial-paralysis-news' ) );
		}
		$name = '' === $topic ? 'section.html' : "topics/$topic/section.html";
		$read = '' !== Options::folder() ? self::from_folder( Options::folder(), $name ) : self::from_address( Options::address(), $name );
		if ( is_wp_error( $read ) ) {
			return $read;
		}
		$root = Fragment::read( $read, Options::address() );
		/* translators: %s: a file's name. */
		return null === $root ? new WP_Error( 'content', sprintf( __( '%s is not a whole section of the news.', 'facial-paralysis-news' ), $name ) ) : Fragment::html( $root );
	}

	/** @return string|WP_Error */
	private static function from_folder( string $folder, string $name ) {
		// PHP remembers for two minutes where a link led; the folder may be a link to the newest release.
		clearstatcache( true );
		$root = realpath( $folder );
		$file = false === $root ? false : realpath( "$root/$name" );
		if ( false === $file || 0 !== strpos( $file, rtrim( $root, '/\\' ) . DIRECTORY_SEPARATOR ) || ! is_file( $file ) || ! is_readable( $file ) ) {
			/* translators: 1: a file's name, 2: a folder. */
			return new WP_Error( 'folder', sprintf( __( '%1$s cannot be read in the folder %2$s.', 'facial-paralysis-news' ), $name, $folder ) );
		}
		return self::limited( (string) file_get_contents( $file, false, null, 0, self::LARGEST + 1 ), $name ); // phpcs:ignore WordPress.WP.AlternativeFunctions
	}

	/** @return string|WP_Error */
	private static function from_address( string $address, string $name ) {
		if ( '' === $address ) {
			return new WP_Error( 'address', __( 'The address of the news has not been set.', 'facial-paralysis-news' ) );
		}
		$answer = wp_safe_remote_get(
			$address . $name,
			array(
				'timeout'             => self::TIMEOUT,
				'redirection'         => 2,
				'limit_response_size' => self::LARGEST + 1,
				// What is unpacked would escape the limit.
				'decompress'          => false,
				'headers'             => array( 'Accept' => 'text/html', 'Accept-Encoding' => 'identity' ),
				'user-agent'          => 'WordPress; facial-paralysis-news',
			)
		);
		if ( is_wp_error( $answer ) ) {
			/* translators: 1: an address, 2: the reason. */
			return new WP_Error( 'http', sprintf( __( '%1$s cannot be reached: %2$s', 'facial-paralysis-news' ), $address . $name, $answer->get_error_message() ) );
		}
		return self::checked( $answer, $address . $name );
	}

	/** @return string|WP_Error */
	private static function checked( array $answer, string $address ) {
		$status = (int) wp_remote_retrieve_response_code( $answer );
		if ( 200 !== $status ) {
			/* translators: 1: an address, 2: an HTTP status. */
			return new WP_Error( 'http', sprintf( __( '%1$s answers with HTTP status %2$d.', 'facial-paralysis-news' ), $address, $status ) );
		}
		$type = wp_remote_retrieve_header( $answer, 'content-type' );
		if ( ! is_string( $type ) || 1 !== preg_match( '~^text/html\s*(?:;|$)~i', $type ) ) {
			/* translators: %s: an address. */
			return new WP_Error( 'http', sprintf( __( '%s is not HTML.', 'facial-paralysis-news' ), $address ) );
		}
		return self::limited( wp_remote_retrieve_body( $answer ), $address );
	}

	/** @return string|WP_Error */
	private static function limited( string $text, string $name ) {
		if ( strlen( $text ) <= self::LARGEST ) {
			return $text;
		}
		/* translators: 1: a file's name or address, 2: a number of bytes. */
		return new WP_Error( 'size', sprintf( __( '%1$s has more than %2$d bytes.', 'facial-paralysis-news' ), $name, self::LARGEST ) );
	}
}
