<?php
/**
 * Builds the tree of a section from its tags and texts.
 *
 * @package Facial_Paralysis_News
 */

namespace Facial_Paralysis_News;

/** Pure: works without WordPress. Takes only what allowed.php lists, and closes what is left open. */
final class Reader {
	private const DEPTH = 40;

	/** The elements that are open, the outermost first. The first one is no element of the section. */
	private $open = array();

	/** The element whose content is being left out, and how deep in elements of that name. */
	private $silent = '';
	private $depth  = 0;

	private $base;

	public function __construct( string $base ) {
		$this->base = $base;
		$this->open = array( self::node( '' ) );
	}

	/** Some text between two tags. */
	public function text( string $text ): void {
		if ( '' !== $this->silent || '' === $text || 'svg' === $this->current()['name'] ) {
			return;
		}
		$decoded = html_entity_decode( $text, ENT_QUOTES | ENT_HTML5, 'UTF-8' );
		$this->append( (string) preg_replace( '/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/', '', $decoded ) );
	}

	/** A start tag. */
	public function open( string $name, array $attributes ): void {
		if ( '' !== $this->silent ) {
			$this->depth += $name === $this->silent ? 1 : 0;
		} elseif ( $this->is_silent( $name ) ) {
			$this->silent = $name;
			$this->depth  = 1;
		} elseif ( isset( ELEMENTS[ $name ] ) && $this->may_stand_here( $name ) ) {
			$this->open[] = self::node( $name, $this->attributes( $name, $attributes ) );
		}
	}

	/** An end tag; elements that were left open inside end too. */
	public function close( string $name ): void {
		if ( '' !== $this->silent ) {
			$this->depth -= $name === $this->silent ? 1 : 0;
			$this->silent = $this->depth > 0 ? $this->silent : '';
			return;
		}
		$at = array_search( $name, array_reverse( array_column( $this->open, 'name' ) ), true );
		for ( ; false !== $at && '' !== $name && $at >= 0; $at-- ) {
			$ended = array_pop( $this->open );
			$this->append( $ended );
		}
	}

	/** The section; null if it is not whole, or if something stands beside it. */
	public function whole(): ?array {
		$elements = array_values( array_filter( $this->open[0]['children'], 'is_array' ) );
		$texts    = array_filter( $this->open[0]['children'], 'is_string' );
		$is_alone = 1 === count( $this->open ) && 1 === count( $elements ) && '' === trim( implode( '', $texts ) );
		return $is_alone && '' === $this->silent && 'section' === $elements[0]['name'] ? $elements[0] : null;
	}

	/** Whether an svg is open. Only there does a slash at the end of a tag close it. */
	public function is_in_svg(): bool {
		return in_array( 'svg', array_column( $this->open, 'name' ), true );
	}

	private static function node( string $name, array $attributes = array() ): array {
		return array( 'name' => $name, 'attributes' => $attributes, 'children' => array() );
	}

	private function current(): array {
		return $this->open[ count( $this->open ) - 1 ];
	}

	private function append( $node ): void {
		$this->open[ count( $this->open ) - 1 ]['children'][] = $node;
	}

	/** In an svg, everything but our shapes is left out whole. */
	private function is_silent( string $name ): bool {
		return ( in_array( $name, SILENT, true ) || ( $this->is_in_svg() && ! in_array( $name, SHAPES, true ) ) ) && ! in_array( $name, VOID, true );
	}

	private function may_stand_here( string $name ): bool {
		$around = array_column( $this->open, 'name' );
		if ( count( $around ) > self::DEPTH ) {
			return false;
		}
		$is_twice = in_array( $name, array( 'article', 'a' ), true ) && in_array( $name, $around, true );
		return ! $is_twice && in_array( $name, SHAPES, true ) === ( 'svg' === $this->current()['name'] );
	}

	private function attributes( string $element, array $said ): array {
		$kept = array();
		foreach ( $said as $name => $value ) {
			if ( in_array( $name, EVERYWHERE, true ) || in_array( $name, ELEMENTS[ $element ], true ) ) {
				$clean = $this->value( (string) $name, $value );
				$kept += null === $clean ? array() : array( $name => $clean );
			}
		}
		return $kept;
	}

	private function value( string $name, string $value ): ?string {
		if ( 'href' === $name ) {
			return Address::absolute( $value, $this->base );
		}
		if ( 'class' === $name ) {
			return self::words( $value, '/^fpn(?:-[a-z0-9-]+)?$/' );
		}
		if ( 'rel' === $name ) {
			return self::words( $value, '/^(?:noopener|noreferrer|nofollow|external)$/' );
		}
		return 1 === preg_match( VALUES[ $name ], $value ) ? $value : null;
	}

	private static function words( string $value, string $pattern ): ?string {
		$kept = preg_grep( $pattern, (array) preg_split( '/\s+/', $value ) );
		return $kept ? implode( ' ', $kept ) : null;
	}
}
