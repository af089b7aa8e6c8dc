<?php
/**
 * Removes everything that the plugin has stored.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/** Settings, copies, locks, transients and the hourly event of this site. */
function remove_all(): void {
	global $wpdb;
	$patterns = array( 'facial_paralysis_news', '_transient_facial_paralysis_news', '_transient_timeout_facial_paralysis_news' );
	foreach ( $patterns as $begin ) {
		$like = $wpdb->esc_like( $begin ) . '%';
		foreach ( $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE %s", $like ) ) as $name ) {
			delete_option( $name );
		}
	}
	wp_unschedule_hook( 'facial_paralysis_news_hourly' );
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $site ) {
		switch_to_blog( $site );
		remove_all();
		restore_current_blog();
	}
} else {
	remove_all();
}
