<?php
/**
 * The settings page.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** Settings > Facial Paralysis News: one screen, for administrators. */
final class Settings_Page {
	private const TEST = 'facial_paralysis_news_test';

	/** What the test found, in one sentence; empty if nobody asked for one. */
	private static $found = '';

	/** Add the page to the menu (on admin_menu). */
	public static function add(): void {
		$page = add_options_page(
			__( 'Facial Paralysis News', 'facial-paralysis-news' ),
			__( 'Facial Paralysis News', 'facial-paralysis-news' ),
			'manage_options',
			'facial-paralysis-news',
			array( self::class, 'show' )
		);
		add_action( "load-$page", array( self::class, 'test' ) );
	}

	/** Read the source if the test button was pressed, before anything is printed. */
	public static function test(): void {
		if ( isset( $_POST[ self::TEST ] ) && check_admin_referer( self::TEST ) && current_user_can( 'manage_options' ) ) {
			self::$found = self::sentence( Source::section( '' ) );
		}
	}

	/** Make the setting known (on admin_init). */
	public static function register(): void {
		register_setting( 'facial-paralysis-news', Options::NAME, array( 'type' => 'object', 'sanitize_callback' => array( Options::class, 'sanitize' ) ) );
	}

	/** A link on the page of plugins. */
	public static function link( array $links ): array {
		$address = admin_url( 'options-general.php?page=facial-paralysis-news' );
		array_unshift( $links, '<a href="' . esc_url( $address ) . '">' . esc_html__( 'Settings', 'facial-paralysis-news' ) . '</a>' );
		return $links;
	}

	/** Print the page. */
	public static function show(): void {
		if ( ! current_user_can( 'manage_options' ) ) {
			return;
		}
		echo '<div class="wrap"><h1>' . esc_html( get_admin_page_title() ) . '</h1>';
		if ( '' !== self::$found ) {
			echo '<div class="notice notice-info inline"><p>' . esc_html( self::$found ) . '</p></div>';
		}
		echo '<form method="post" action="options.php">';
		settings_fields( 'facial-paralysis-news' );
		echo '<table class="form-table" role="presentation">';
		self::show_fields( Options::all() );
		echo '</table>';
		submit_button();
		echo '</form>';
		self::show_test();
		echo '</div>';
	}

	private static function show_fields( array $options ): void {
		$name = Options::NAME;
		self::row(
			'address',
			__( 'Address of the news', 'facial-paralysis-news' ),
			'<input type="url" class="regular-text code" id="fpn-address" name="' . $name . '[address]" value="' . esc_attr( $options['address'] ) . '" placeholder="https://www.example.org/news/">',
			__( 'Where visitors find the news. Links in the section lead there.', 'facial-paralysis-news' )
		);
		if ( Options::may_name_folder() ) {
			self::show_folder( $options );
		}
		self::row(
			'age',
			__( 'Age', 'facial-paralysis-news' ),
			'<input type="checkbox" id="fpn-age" name="' . $name . '[age]" value="1"' . checked( $options['age'], true, false ) . '>',
			__( 'Say how long ago the news was updated (a small script; nothing is fetched).', 'facial-paralysis-news' )
		);
	}

	private static function show_folder( array $options ): void {
		$name    = Options::NAME;
		$choices = array( 'address' => __( 'from that address', 'facial-paralysis-news' ), 'folder' => __( 'from a folder of this server', 'facial-paralysis-news' ) );
		$radios  = '';
		foreach ( $choices as $choice => $words ) {
			$radios .= '<label><input type="radio" name="' . $name . '[source]" value="' . $choice . '"' . checked( $options['source'], $choice, false ) . '> ' . esc_html( $words ) . '</label><br>';
		}
		self::row( '', __( 'Read it', 'facial-paralysis-news' ), $radios, '' );
		self::row(
			'folder',
			__( 'Folder', 'facial-paralysis-news' ),
			'<input type="text" class="regular-text code" id="fpn-folder" name="' . $name . '[folder]" value="' . esc_attr( $options['folder'] ) . '" placeholder="/srv/news/data/site">',
			__( 'The folder that contains section.html.', 'facial-paralysis-news' )
		);
	}

	/** A row of the form; $field is HTML that is already escaped. */
	private static function row( string $key, string $words, string $field, string $help ): void {
		$label = '' === $key ? esc_html( $words ) : '<label for="fpn-' . esc_attr( $key ) . '">' . esc_html( $words ) . '</label>';
		$help  = '' === $help ? '' : '<p class="description">' . esc_html( $help ) . '</p>';
		echo "<tr><th scope=\"row\">$label</th><td>$field$help</td></tr>"; // phpcs:ignore WordPress.Security.EscapeOutput
	}

	private static function show_test(): void {
		echo '<form method="post">';
		wp_nonce_field( self::TEST );
		submit_button( __( 'Test the source', 'facial-paralysis-news' ), 'secondary', self::TEST, false );
		echo '</form>';
	}

	/**
	 * What was found, in one sentence.
	 *
	 * @param string|\WP_Error $section
	 */
	private static function sentence( $section ): string {
		if ( is_wp_error( $section ) ) {
			return $section->get_error_message();
		}
		$root  = Fragment::read( $section, Options::address() );
		$count = null === $root ? 0 : Fragment::stories( $root );
		$from  = '' !== Options::folder() ? Options::folder() : Options::address();
		/* translators: 1: a number of stories, 2: an address or a folder. */
		return sprintf( _n( 'Found %1$d story in %2$s.', 'Found %1$d stories in %2$s.', $count, 'facial-paralysis-news' ), $count, $from );
	}
}
