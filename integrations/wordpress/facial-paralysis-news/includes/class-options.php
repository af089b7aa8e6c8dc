<?php
/**
 * The plugin's settings as they are stored.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** Where the news comes from. Everything that the plugin stores has a name that begins with NAME. */
final class Options {
	public const NAME = 'facial_paralysis_news';

	private const DEFAULTS = array( 'source' => 'address', 'address' => '', 'folder' => '', 'age' => true );

	/** The settings, complete. */
	public static function all(): array {
		$stored = get_option( self::NAME );
		return array_merge( self::DEFAULTS, is_array( $stored ) ? $stored : array() );
	}

	/** The news site's address with a slash at its end; empty if it is not known. */
	public static function address(): string {
		return self::all()['address'];
	}

	/** The folder that is read; empty if the news comes by HTTP. The constant comes before the setting. */
	public static function folder(): string {
		if ( self::is_folder_fixed() ) {
			return (string) FACIAL_PARALYSIS_NEWS_FOLDER;
		}
		$options = self::all();
		return 'folder' === $options['source'] ? $options['folder'] : '';
	}

	/** Whether wp-config.php names the folder. */
	public static function is_folder_fixed(): bool {
		return defined( 'FACIAL_PARALYSIS_NEWS_FOLDER' );
	}

	/** Whether this user may name a folder of the server: on a network of sites, only who administers the network. */
	public static function may_name_folder(): bool {
		return ! self::is_folder_fixed() && ( ! is_multisite() || current_user_can( 'manage_network_options' ) );
	}

	/** What the settings page sends, as it may be stored (the setting's sanitize_callback). */
	public static function sanitize( $sent ): array {
		$sent   = is_array( $sent ) ? $sent : array();
		$before = self::all();
		$folder = isset( $sent['folder'] ) && self::may_name_folder() ? self::clean_folder( $sent['folder'] ) : $before['folder'];
		$source = isset( $sent['source'] ) && self::may_name_folder() ? $sent['source'] : $before['source'];
		return array(
			'source'  => 'folder' === $source ? 'folder' : 'address',
			'address' => self::clean_address( isset( $sent['address'] ) ? $sent['address'] : '', $before['address'] ),
			'folder'  => $folder,
			'age'     => ! empty( $sent['age'] ),
		);
	}

	private static function clean_address( $sent, string $before ): string {
		$address = is_string( $sent ) ? esc_url_raw( trim( $sent ), array( 'http', 'https' ) ) : '';
		if ( '' === $address ) {
			return '';
		}
		$address = trailingslashit( (string) preg_replace( '~/(?:index|section)\.html$~', '/', $address ) );
		if ( Address::is_site( $address ) ) {
			return $address;
		}
		self::refuse( __( 'The address must begin with https:// or http:// and have no user, question mark or #. It was not changed.', 'facial-paralysis-news' ) );
		return $before;
	}

	private static function clean_folder( $sent ): string {
		$folder = is_string( $sent ) ? trim( sanitize_text_field( $sent ) ) : '';
		return '' === $folder ? '' : untrailingslashit( wp_normalize_path( $folder ) );
	}

	private static function refuse( string $sentence ): void {
		if ( function_exists( 'add_settings_error' ) ) {
			add_settings_error( self::NAME, 'address', $sentence );
		}
	}
}
