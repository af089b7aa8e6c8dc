<?php
/**
 * The copies of sections that are kept.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/**
 * The last good copy of each section is an option that is not autoloaded. A transient says that it has been compared with the
 * source lately; what the transient holds is the reason if that failed.
 */
final class Copies {
	/** Seconds for which a copy counts as new. WP-Cron compares every hour, so that visitors wait for no other server. */
	private const NEW_IN_FOLDER = 5 * MINUTE_IN_SECONDS;
	private const NEW_BY_HTTP   = 70 * MINUTE_IN_SECONDS;

	/** Seconds until a source that failed is asked again. */
	private const AFTER_FAILURE = 5 * MINUTE_IN_SECONDS;

	/** Seconds after which a lock counts as left behind. */
	private const LOCKED = 30;

	/** The section of a topic: the source's, or the last good copy; empty if there is neither. */
	public static function section( string $topic ): string {
		if ( ! Source::is_topic( $topic ) ) {
			return '';
		}
		if ( false === get_transient( self::name( 'checked', $topic ) ) ) {
			self::compare( $topic );
		}
		return self::stored( $topic );
	}

	/** Why the source could not be read the last time; empty if it could. */
	public static function trouble( string $topic ): string {
		$checked = get_transient( self::name( 'checked', $topic ) );
		return is_string( $checked ) ? (string) substr( $checked, 1 ) : '';
	}

	/** Compare every copy with its source, also those that count as new. */
	public static function compare_all(): void {
		foreach ( self::topics() as $topic ) {
			self::compare( $topic );
		}
	}

	/** Forget how new the copies are, so that the next visitor gets what the source has now. */
	public static function expire(): void {
		foreach ( array_merge( array( '' ), self::topics() ) as $topic ) {
			delete_transient( self::name( 'checked', $topic ) );
		}
	}

	/** The topics of which there is a copy. */
	private static function topics(): array {
		global $wpdb;
		$begin = self::name( 'copy', '' ) . '_';
		$names = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE %s", $wpdb->esc_like( $begin ) . '%' ) );
		return array_map(
			static function ( string $name ) use ( $begin ): string {
				return substr( $name, strlen( $begin ) );
			},
			$names
		);
	}

	/** Read the source and keep what it says, unless somebody else is doing so. */
	private static function compare( string $topic ): void {
		if ( ! self::lock( $topic ) ) {
			return;
		}
		$section = Source::section( $topic );
		$is_good = ! is_wp_error( $section );
		$new     = '' !== Options::folder() ? self::NEW_IN_FOLDER : self::NEW_BY_HTTP;
		$is_changed = $is_good && self::stored( $topic ) !== $section;
		if ( $is_changed ) {
			update_option( self::name( 'copy', '' ) . "_$topic", $section, false );
		}
		set_transient( self::name( 'checked', $topic ), '=' . ( $is_good ? '' : $section->get_error_message() ), $is_good ? $new : self::AFTER_FAILURE );
		delete_option( self::name( 'lock', $topic ) );
		if ( $is_changed ) {
			Purge::run( $topic );
		}
	}

	private static function stored( string $topic ): string {
		$copy = get_option( self::name( 'copy', '' ) . "_$topic" );
		return is_string( $copy ) ? $copy : '';
	}

	/** One of several processes gets the lock: the database decides (as in core's WP_Upgrader::create_lock). */
	private static function lock( string $topic ): bool {
		global $wpdb;
		$name = self::name( 'lock', $topic );
		$wpdb->query( $wpdb->prepare( "DELETE FROM $wpdb->options WHERE option_name = %s AND CAST( option_value AS UNSIGNED ) < %d", $name, time() - self::LOCKED ) );
		return 1 === $wpdb->query( $wpdb->prepare( "INSERT IGNORE INTO $wpdb->options ( option_name, option_value, autoload ) VALUES ( %s, %d, 'no' )", $name, time() ) );
	}

	private static function name( string $kind, string $topic ): string {
		return Options::NAME . "_$kind" . ( '' === $topic ? '' : "_$topic" );
	}
}
