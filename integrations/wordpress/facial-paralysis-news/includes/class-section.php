<?php
/**
 * The section on a page: block and shortcode.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** What visitors see. */
final class Section {
	public const HANDLE = 'facial-paralysis-news';

	/** At most so many stories can be asked for. */
	private const MOST_STORIES = 100;

	/** How many sections this page has so far. */
	private static $count = 0;

	/** Make block, shortcode, style sheet and script known (on init). */
	public static function register(): void {
		self::register_assets();
		add_shortcode( 'facial_paralysis_news', array( self::class, 'shortcode' ) );
		$block = register_block_type( PLUGIN_FOLDER . '/block', array( 'render_callback' => array( self::class, 'block' ) ) );
		if ( $block ) {
			$script = generate_block_asset_handle( $block->name, 'editorScript' );
			wp_add_inline_script( $script, 'window.facialParalysisNewsTopics = ' . wp_json_encode( self::topics() ) . ';', 'before' );
			wp_set_script_translations( $script, 'facial-paralysis-news', PLUGIN_FOLDER . '/languages' );
		}
	}

	/** The block's HTML. */
	public static function block( array $attributes ): string {
		return self::wrapped( self::of( $attributes ), get_block_wrapper_attributes() );
	}

	/** The shortcode's HTML: `[facial_paralysis_news topic="bells-palsy" stories="6"]`. */
	public static function shortcode( $attributes ): string {
		$section = self::of( shortcode_atts( array( 'topic' => '', 'stories' => 0 ), $attributes, 'facial_paralysis_news' ) );
		return self::wrapped( $section, 'class="wp-block-facial-paralysis-news-section"' );
	}

	private static function wrapped( string $section, string $attributes ): string {
		return is_feed() || '' === $section ? $section : "<div $attributes>$section</div>";
	}

	private static function of( array $attributes ): string {
		$topic   = isset( $attributes['topic'] ) && is_scalar( $attributes['topic'] ) ? trim( (string) $attributes['topic'] ) : '';
		$stories = isset( $attributes['stories'] ) ? min( absint( $attributes['stories'] ), self::MOST_STORIES ) : 0;
		if ( is_feed() ) {
			return self::link();
		}
		$root = Fragment::read( Copies::section( $topic ), Options::address() );
		return null === $root ? self::link() . self::note( $topic ) : self::style() . self::html( $root, $stories ) . self::note( $topic );
	}

	private static function html( array $root, int $stories ): string {
		$root = $stories > 0 ? Fragment::cut( $root, $stories ) : $root;
		$html = Fragment::html( Fragment::numbered( $root, ++self::$count ) );
		return wp_kses( $html, allowed_for_kses(), array( 'http', 'https', 'mailto', 'tel' ) );
	}

	/** What stands there when there is no section: a link, if it is known where to. */
	private static function link(): string {
		$address = Options::address();
		$words   = esc_html__( 'Facial paralysis news', 'facial-paralysis-news' );
		return '' === $address ? '' : '<p><a href="' . esc_url( $address ) . '">' . $words . '</a></p>';
	}

	/** A line for administrators if the source cannot be read. */
	private static function note( string $topic ): string {
		if ( ! current_user_can( 'manage_options' ) ) {
			return '';
		}
		$trouble = Source::is_topic( $topic ) ? Copies::trouble( $topic ) : __( 'This is not the name of a topic.', 'facial-paralysis-news' );
		/* translators: %s: a sentence that gives the reason. */
		$sentence = sprintf( __( 'Only administrators see this. Facial Paralysis News: %s', 'facial-paralysis-news' ), $trouble );
		return '' === $trouble ? '' : '<p class="fpn-admin-note">' . esc_html( $sentence ) . '</p>';
	}

	/** Style sheet and script in the head of a page whose text has the section (on wp_enqueue_scripts). */
	public static function enqueue(): void {
		$post = is_singular() ? get_post() : null;
		if ( $post && ( has_block( 'facial-paralysis-news/section', $post ) || has_shortcode( $post->post_content, 'facial_paralysis_news' ) ) ) {
			self::request_assets();
		}
	}

	private static function request_assets(): void {
		// With it, browsers that do not know an emoji in a headline would ask s.w.org for its picture.
		remove_action( 'wp_head', 'print_emoji_detection_script', 7 );
		wp_enqueue_style( self::HANDLE );
		if ( Options::all()['age'] ) {
			wp_enqueue_script( self::HANDLE );
		}
	}

	/** In the page's head if that is still to come, else a link before the section, so that nothing is shown unstyled and moves. */
	private static function style(): string {
		self::request_assets();
		$style   = wp_styles()->query( self::HANDLE );
		$is_late = did_action( 'wp_head' ) && ! doing_action( 'wp_head' ) && ! wp_style_is( self::HANDLE, 'done' );
		// phpcs:ignore WordPress.WP.EnqueuedResources
		return $is_late && $style && $style->src ? '<link rel="stylesheet" href="' . esc_url( add_query_arg( 'ver', $style->ver, $style->src ) ) . '">' : '';
	}

	/** The copies that are part of this plugin: no visitor's browser asks another site, and no source can change them. */
	private static function register_assets(): void {
		list( $style, $style_version )   = self::asset( 'news.css' );
		list( $script, $script_version ) = self::asset( 'freshness.js' );
		wp_register_style( self::HANDLE, $style, array(), $style_version );
		wp_register_script( self::HANDLE, $script, array(), $script_version, false );
	}

	/** The address of a file in assets/, and its version; without an address where the plugin was copied instead of made. */
	private static function asset( string $name ): array {
		$file = PLUGIN_FOLDER . "/assets/$name";
		if ( ! is_readable( $file ) ) {
			return array( false, null );
		}
		return array( plugins_url( "assets/$name", PLUGIN_FOLDER . '/facial-paralysis-news.php' ), substr( (string) md5_file( $file ), 0, 12 ) );
	}

	/** The topics that can be chosen, as slug and name. */
	private static function topics(): array {
		$file   = PLUGIN_FOLDER . '/assets/topics.json';
		$topics = is_readable( $file ) ? json_decode( (string) file_get_contents( $file ), true ) : null; // phpcs:ignore WordPress.WP.AlternativeFunctions
		return is_array( $topics ) ? $topics : array();
	}
}
