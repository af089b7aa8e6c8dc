<?php
/**
 * What a section may consist of: its elements with their attributes, and what the value of each attribute looks like.
 *
 * This is all that templates/_partials of the program writes, and a few plain elements more. There is no script, no style and
 * nothing that loads.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** The elements, each with the attributes of its own. */
const ELEMENTS = array(
	'section' => array(), 'article' => array(), 'aside' => array(), 'nav' => array(), 'header' => array(), 'footer' => array(),
	'div' => array(), 'h1' => array(), 'h2' => array(), 'h3' => array(), 'h4' => array(), 'h5' => array(), 'h6' => array(),
	'p' => array(), 'span' => array(), 'strong' => array(), 'em' => array(), 'small' => array(), 'abbr' => array(),
	'bdi' => array(), 'br' => array(), 'ul' => array(), 'ol' => array(), 'li' => array(), 'dl' => array(), 'dt' => array(),
	'dd' => array(), 'summary' => array(),
	'details' => array( 'open' ),
	'time' => array( 'datetime' ),
	'a' => array( 'href', 'rel', 'hreflang' ),
	'svg' => array( 'viewbox', 'width', 'height' ),
	'path' => array( 'd' ),
	'circle' => array( 'cx', 'cy', 'r' ),
	'rect' => array( 'x', 'y', 'width', 'height', 'rx' ),
);

/** Attributes that every element may have. */
const EVERYWHERE = array(
	'class', 'id', 'lang', 'dir', 'role', 'aria-hidden', 'aria-label', 'aria-labelledby', 'aria-describedby', 'aria-current',
	'data-day', 'data-zone', 'data-group', 'data-digest',
);

/** The elements that an svg may contain; they may stand nowhere else. */
const SHAPES = array( 'path', 'circle', 'rect' );

/** Elements whose content is left out with them; of all others that are not allowed, the text stays. */
const SILENT = array(
	'applet', 'audio', 'canvas', 'datalist', 'form', 'frameset', 'head', 'iframe', 'math', 'noembed', 'noframes',
	'noscript', 'object', 'option', 'picture', 'plaintext', 'script', 'select', 'style', 'template', 'textarea', 'title', 'video',
	'xmp',
);

/** Elements without content. */
const VOID = array( 'br', 'area', 'base', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'param', 'source', 'track', 'wbr' );

/** What a whole value looks like. An attribute that is not here is made by a function of its own (see Fragment). */
const VALUES = array(
	'id'               => '/^fpn-[a-z0-9-]{1,80}$/',
	'aria-labelledby'  => '/^fpn-[a-z0-9-]{1,80}$/',
	'aria-describedby' => '/^fpn-[a-z0-9-]{1,80}$/',
	'lang'             => '/^[a-z0-9-]{1,35}$/i',
	'hreflang'         => '/^[a-z0-9-]{1,35}$/i',
	'dir'              => '/^(?:ltr|rtl|auto)$/',
	'role'             => '/^(?:note|list|listitem|region|group|navigation|complementary|img|presentation)$/',
	'aria-hidden'      => '/^(?:true|false)$/',
	'aria-current'     => '/^(?:page|date|true|false)$/',
	'aria-label'       => '/^[^\x00-\x1f]{0,300}$/',
	'data-day'         => '/^\d{4}-\d\d-\d\d$/',
	'data-zone'        => '/^[A-Za-z0-9_+\/-]{1,64}$/',
	'data-group'       => '/^[a-z]{1,20}$/',
	'data-digest'      => '/^[0-9a-f]{1,64}$/',
	'datetime'         => '/^[0-9TZ:+. -]{4,40}$/',
	'open'             => '/^(?:|open)$/',
	'viewbox'          => '/^[0-9. -]{1,60}$/',
	'd'                => '/^[0-9a-z.,\s-]{1,2000}$/i',
	'width'            => '/^[0-9.]{1,10}(?:em|rem|px)?$/',
	'height'           => '/^[0-9.]{1,10}(?:em|rem|px)?$/',
	'x'                => '/^[0-9.-]{1,10}$/',
	'y'                => '/^[0-9.-]{1,10}$/',
	'cx'               => '/^[0-9.-]{1,10}$/',
	'cy'               => '/^[0-9.-]{1,10}$/',
	'r'                => '/^[0-9.]{1,10}$/',
	'rx'               => '/^[0-9.]{1,10}$/',
);

/** The same list in the form that wp_kses() takes. */
function allowed_for_kses(): array {
	$allowed = array();
	foreach ( ELEMENTS as $element => $own ) {
		$allowed[ $element ] = array_fill_keys( array_merge( EVERYWHERE, $own ), true );
	}
	return $allowed;
}
