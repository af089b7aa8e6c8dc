<?php
/**
 * The scripts that editor.js needs.
 *
 * @package Facial_Paralysis_News
 */

return array(
	'dependencies' => array( 'wp-block-editor', 'wp-blocks', 'wp-components', 'wp-element', 'wp-i18n', 'wp-server-side-render' ),
	'version'      => '0.1.0',
);
