<?php
/**
 * Tells page caches that the news has changed.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** Pages are made anew when the section on them changes. */
final class Purge {
	/** At most so many posts are named to caches one by one. */
	private const MOST_POSTS = 200;

	/** Functions and actions by which page caches are emptied. What is not installed is passed over. */
	private const FUNCTIONS = array(
		'wp_cache_clear_cache',      // WP Super Cache.
		'w3tc_flush_posts',          // W3 Total Cache.
		'rocket_clean_domain',       // WP Rocket.
		'wpfc_clear_all_cache',      // WP Fastest Cache.
		'sg_cachepress_purge_cache', // SiteGround.
	);
	private const ACTIONS   = array(
		'litespeed_purge_all',              // LiteSpeed Cache.
		'cache_enabler_clear_complete_cache', // Cache Enabler.
		'breeze_clear_all_cache',           // Breeze.
		'wphb_clear_page_cache',            // Hummingbird.
		'rt_nginx_helper_purge_all',        // Nginx Helper.
	);

	/** The section of a topic has changed. */
	public static function run( string $topic ): void {
		array_map( 'clean_post_cache', self::posts() );
		foreach ( self::FUNCTIONS as $name ) {
			if ( function_exists( $name ) ) {
				$name();
			}
		}
		foreach ( self::ACTIONS as $name ) {
			if ( has_action( $name ) ) {
				do_action( $name ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals
			}
		}
		/** For caches that are not known here: the section of a topic (empty: the front page's news) has changed. */
		do_action( 'facial_paralysis_news_changed', $topic );
	}

	/** The published posts whose text has the block or the shortcode. */
	private static function posts(): array {
		global $wpdb;
		$like = array_map( array( $wpdb, 'esc_like' ), array( '<!-- wp:facial-paralysis-news/section', '[facial_paralysis_news' ) );
		return array_map(
			'intval',
			$wpdb->get_col(
				$wpdb->prepare(
					"SELECT ID FROM $wpdb->posts WHERE post_status = 'publish' AND ( post_content LIKE %s OR post_content LIKE %s ) LIMIT %d",
					"%$like[0]%",
					"%$like[1]%",
					self::MOST_POSTS
				)
			)
		);
	}
}
