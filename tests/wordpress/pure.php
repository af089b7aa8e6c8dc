<?php
// Runs the parts of the plugin that need no WordPress: the plugin's folder and a file of cases, answers as JSON.

namespace Facial_Paralysis_News;

set_error_handler( function ( $level, $message, $file, $line ) { throw new \ErrorException( $message, 0, $level, $file, $line ); } );

$plugin = $argv[1];
foreach ( array( 'allowed', 'class-address', 'class-reader', 'class-fragment' ) as $name ) {
	require "$plugin/includes/$name.php";
}

function answer( array $case ) {
	$case['text'] = base64_decode( $case['text'] );
	if ( 'address' === $case['what'] ) {
		return Address::absolute( $case['text'], $case['base'] );
	}
	$root = Fragment::read( $case['text'], $case['base'] );
	if ( null === $root ) {
		return null;
	}
	$root = isset( $case['stories'] ) ? Fragment::cut( $root, $case['stories'] ) : $root;
	return Fragment::html( Fragment::numbered( $root, isset( $case['number'] ) ? $case['number'] : 1 ) );
}

// Whether this version can read the other files too, which need WordPress to run: an exception if not.
foreach ( new \RecursiveIteratorIterator( new \RecursiveDirectoryIterator( $plugin, \FilesystemIterator::SKIP_DOTS ) ) as $file ) {
	'php' !== $file->getExtension() || token_get_all( file_get_contents( $file->getPathname() ), TOKEN_PARSE );
}

$cases   = json_decode( file_get_contents( $argv[2] ), true );
$begin   = microtime( true );
$answers = array_map( __NAMESPACE__ . '\\answer', $cases );
echo json_encode( array( 'version' => PHP_VERSION, 'answers' => $answers, 'seconds' => microtime( true ) - $begin ), JSON_INVALID_UTF8_SUBSTITUTE );
