<?php
/**
 * Addresses of links.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** Pure: works without WordPress. */
final class Address {
	/** Schemes that a link may have. */
	private const SCHEMES = array( 'http', 'https', 'mailto', 'tel' );

	/**
	 * A link's address without its page: absolute, seen from the news site's own address. Null if it is not one that a section may
	 * have. A place in the section itself (`#fpn-…`) stays as it is.
	 */
	public static function absolute( string $href, string $base ): ?string {
		$href = trim( $href );
		if ( 1 === preg_match( '/[\x00-\x20\x7f"<>\\\\^`{|}]/', $href ) || strlen( $href ) > 2000 ) {
			return null;
		}
		if ( 1 === preg_match( '/^#/', $href ) ) {
			return 1 === preg_match( '/^#fpn-[a-z0-9-]{1,80}$/', $href ) ? $href : null;
		}
		if ( 1 === preg_match( '/^([a-z][a-z0-9+.-]*):/i', $href, $found ) ) {
			return self::of_scheme( $href, strtolower( $found[1] ) );
		}
		return self::is_site( $base ) && '' !== $href ? self::joined( $href, $base ) : null;
	}

	/** Whether this can be the address of a news site: http or https, a host, no user, no query. */
	public static function is_site( string $address ): bool {
		return 1 === preg_match( '~^https?://[^\s/?#@"<>\\\\]+(?:/[^\s?#"<>\\\\]*)?$~i', $address );
	}

	private static function of_scheme( string $href, string $scheme ): ?string {
		if ( ! in_array( $scheme, self::SCHEMES, true ) ) {
			return null;
		}
		$is_web = 'http' === $scheme || 'https' === $scheme;
		return ! $is_web || 1 === preg_match( '~^https?://[^/?#]~i', $href ) ? self::without_brackets( $href ) : null;
	}

	private static function joined( string $href, string $base ): ?string {
		preg_match( '~^((https?:)//[^/]+)(/.*)?$~i', $base, $found );
		$path = isset( $found[3] ) ? $found[3] : '/';
		if ( 0 === strpos( $href, '//' ) ) {
			return self::of_scheme( $found[2] . $href, strtolower( rtrim( $found[2], ':' ) ) );
		}
		$folder = substr( $path, 0, (int) strrpos( $path, '/' ) + 1 );
		return self::without_brackets( $found[1] . self::walked( '/' === $href[0] ? $href : $folder . $href ) );
	}

	/** A path without `.` and `..`; what follows `?` or `#` is left alone. */
	private static function walked( string $path ): string {
		$at    = strcspn( $path, '?#' );
		$steps = array();
		foreach ( explode( '/', substr( $path, 1, $at - 1 ) ) as $step ) {
			if ( '..' === $step ) {
				array_pop( $steps );
			} elseif ( '.' !== $step ) {
				$steps[] = $step;
			}
		}
		return '/' . implode( '/', $steps ) . substr( $path, $at );
	}

	/** WordPress would take square brackets for a shortcode. */
	private static function without_brackets( string $address ): string {
		return str_replace( array( '[', ']' ), array( '%5B', '%5D' ), $address );
	}
}
