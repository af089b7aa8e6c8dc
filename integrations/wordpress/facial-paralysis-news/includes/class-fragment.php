<?php
/**
 * A section as a tree: read from its HTML, cut, numbered, written again.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/**
 * Pure: works without WordPress. A node is a text or an array of name, attributes and children. Only what allowed.php lists
 * gets into the tree, and the HTML is written from the tree, so that it is well-formed whatever was read.
 */
final class Fragment {
	/** A comment, a declaration, or a tag with its attributes. */
	private const TOKEN = '~<!--.*?(?:-->|\z)|<[!?][^>]*+>|<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^>"\']++|"[^"]*+"|\'[^\']*+\')*+)>~s';

	private const ATTRIBUTE = '~([^\s"\'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|\'([^\']*+)\'|([^\s"\'<>=]++)))?+~';

	/** Characters that WordPress's filters would change in a text: shortcodes, typography, smileys. */
	private const FILTERED = '/[\[\]()\'":;`]|\.(?=\.)|-(?=-)|(?<= )-(?= )|(?<=\d)x(?=\d)|8(?=O)/';

	/** The same for an attribute, where they look for shortcodes only. */
	private const BRACKETS = '/[\[\]"]/';

	/**
	 * The root of a whole section, with absolute addresses; null if the text is not one, or only a part of one.
	 */
	public static function read( string $html, string $base ): ?array {
		if ( 1 !== preg_match( '/^\s*<section\s[^>]*\bclass="fpn[" ].*<\/section>\s*$/s', $html ) || 1 !== preg_match( '//u', $html ) ) {
			return null;
		}
		$reader = new Reader( $base );
		$at     = 0;
		while ( 1 === preg_match( self::TOKEN, $html, $found, PREG_OFFSET_CAPTURE, $at ) ) {
			$reader->text( substr( $html, $at, $found[0][1] - $at ) );
			$at = $found[0][1] + strlen( $found[0][0] );
			if ( isset( $found[2] ) ) {
				self::take( $reader, '/' === $found[1][0], strtolower( $found[2][0] ), $found[3][0] );
			}
		}
		return PREG_NO_ERROR === preg_last_error() ? $reader->whole() : null;
	}

	/** The section with this many stories at most; a part that loses all of its stories goes with them. */
	public static function cut( array $root, int $stories ): array {
		$left = $stories;
		return self::shortened( $root, $left );
	}

	/** How many stories there are. */
	public static function stories( array $node ): int {
		$sum = 'article' === $node['name'] ? 1 : 0;
		foreach ( $node['children'] as $child ) {
			$sum += is_array( $child ) ? self::stories( $child ) : 0;
		}
		return $sum;
	}

	/** The section as the second, third… on a page: no two elements of a page may have one id. */
	public static function numbered( array $node, int $number ): array {
		if ( $number < 2 ) {
			return $node;
		}
		foreach ( array( 'id', 'aria-labelledby', 'aria-describedby', 'href' ) as $name ) {
			if ( isset( $node['attributes'][ $name ] ) ) {
				$node['attributes'][ $name ] = preg_replace( '/^(#?)fpn-/', '${1}fpn-' . $number . '-', $node['attributes'][ $name ] );
			}
		}
		foreach ( $node['children'] as $at => $child ) {
			$node['children'][ $at ] = is_array( $child ) ? self::numbered( $child, $number ) : $child;
		}
		return $node;
	}

	/** The HTML of a node. */
	public static function html( $node ): string {
		if ( ! is_array( $node ) ) {
			return self::escaped( $node, self::FILTERED );
		}
		$tag = $node['name'];
		foreach ( $node['attributes'] as $name => $value ) {
			$tag .= ' ' . ( 'viewbox' === $name ? 'viewBox' : $name ) . '="' . self::escaped( $value, self::BRACKETS ) . '"';
		}
		$inside = implode( '', array_map( array( self::class, 'html' ), $node['children'] ) );
		return in_array( $node['name'], VOID, true ) ? "<$tag>" : "<$tag>$inside</{$node['name']}>";
	}

	private static function take( Reader $reader, bool $is_end, string $name, string $said ): void {
		if ( $is_end ) {
			$reader->close( $name );
			return;
		}
		$is_closed = in_array( $name, VOID, true ) || ( '/' === substr( rtrim( $said ), -1 ) && $reader->is_in_svg() );
		preg_match_all( self::ATTRIBUTE, $said, $found, PREG_SET_ORDER );
		$attributes = array();
		foreach ( $found as $one ) {
			$value       = implode( '', array_slice( $one, 2 ) );
			$attributes += array( strtolower( $one[1] ) => html_entity_decode( $value, ENT_QUOTES | ENT_HTML5, 'UTF-8' ) );
		}
		$reader->open( $name, $attributes );
		if ( $is_closed ) {
			$reader->close( $name );
		}
	}

	private static function shortened( array $node, int &$left ): array {
		$kept = array();
		foreach ( $node['children'] as $child ) {
			if ( is_array( $child ) && self::stories( $child ) > 0 ) {
				if ( 0 === $left ) {
					continue;
				}
				$left -= 'article' === $child['name'] ? 1 : 0;
				$child = self::shortened( $child, $left );
			}
			$kept[] = $child;
		}
		$node['children'] = $kept;
		return $node;
	}

	private static function escaped( string $text, string $characters ): string {
		$quiet = preg_replace_callback(
			$characters,
			static function ( array $found ): string {
				return "\x01" . dechex( ord( $found[0] ) ) . "\x02";
			},
			$text
		);
		return str_replace( array( "\x01", "\x02" ), array( '&#x', ';' ), htmlspecialchars( (string) $quiet, ENT_NOQUOTES, 'UTF-8' ) );
	}
}
