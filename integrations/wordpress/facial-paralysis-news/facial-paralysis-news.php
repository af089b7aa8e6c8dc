<?php
/**
 * Plugin Name:       Facial Paralysis News
 * Description:       Shows the daily news section of a Facial Paralysis News site as a block or a shortcode.
 * Version:           0.1.0
 * Requires at least: 6.0
 * Requires PHP:      7.4
 * Author:            The Facial Paralysis News contributors
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       facial-paralysis-news
 * Domain Path:       /languages
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

defined( 'ABSPATH' ) || exit;

const PLUGIN_FOLDER = __DIR__;
const HOURLY        = 'facial_paralysis_news_hourly';

require_once __DIR__ . '/includes/allowed.php';
require_once __DIR__ . '/includes/class-address.php';
require_once __DIR__ . '/includes/class-reader.php';
require_once __DIR__ . '/includes/class-fragment.php';
require_once __DIR__ . '/includes/class-options.php';
require_once __DIR__ . '/includes/class-source.php';
require_once __DIR__ . '/includes/class-purge.php';
require_once __DIR__ . '/includes/class-copies.php';
require_once __DIR__ . '/includes/class-section.php';
require_once __DIR__ . '/includes/class-settings-page.php';

add_action( 'init', __NAMESPACE__ . '\\start' );
add_action( 'wp_enqueue_scripts', array( Section::class, 'enqueue' ) );
add_action( 'admin_menu', array( Settings_Page::class, 'add' ) );
add_action( 'admin_init', array( Settings_Page::class, 'register' ) );
add_filter( 'plugin_action_links_' . plugin_basename( __FILE__ ), array( Settings_Page::class, 'link' ) );
add_action( HOURLY, array( Copies::class, 'compare_all' ) );
add_action( 'add_option_' . Options::NAME, array( Copies::class, 'expire' ) );
add_action( 'update_option_' . Options::NAME, array( Copies::class, 'expire' ) );
register_deactivation_hook( __FILE__, __NAMESPACE__ . '\\stop' );

/** Words, block and shortcode; an event every hour, on each site of a network. */
function start(): void {
	load_plugin_textdomain( 'facial-paralysis-news', false, dirname( plugin_basename( __FILE__ ) ) . '/languages' );
	Section::register();
	if ( ! wp_next_scheduled( HOURLY ) ) {
		wp_schedule_event( time() + HOUR_IN_SECONDS, 'hourly', HOURLY );
	}
}

/** No event any more. */
function stop(): void {
	wp_unschedule_hook( HOURLY );
}
