// The block in the editor: the section as visitors see it, with the topic and the number of stories beside it.
( function ( wp ) {
	'use strict';
	var el = wp.element.createElement;
	var __ = wp.i18n.__;
	var topics = window.facialParalysisNewsTopics || [];

	function topicField( props ) {
		var all = [ { label: __( 'All news', 'facial-paralysis-news' ), value: '' } ];
		var field = {
			label: __( 'Topic', 'facial-paralysis-news' ),
			value: props.attributes.topic,
			onChange: function ( topic ) { props.setAttributes( { topic: topic } ); },
		};
		return topics.length
			? el( wp.components.SelectControl, Object.assign( field, { options: all.concat( topics ) } ) )
			: el( wp.components.TextControl, field );
	}

	function storiesField( props ) {
		return el( wp.components.TextControl, {
			label: __( 'Stories', 'facial-paralysis-news' ),
			help: __( 'At most so many; 0 shows all.', 'facial-paralysis-news' ),
			type: 'number',
			min: 0,
			max: 100,
			value: props.attributes.stories,
			onChange: function ( count ) {
				props.setAttributes( { stories: Math.min( Math.max( parseInt( count, 10 ) || 0, 0 ), 100 ) } );
			},
		} );
	}

	function Edit( props ) {
		return el( 'div', wp.blockEditor.useBlockProps(),
			el( wp.blockEditor.InspectorControls, {},
				el( wp.components.PanelBody, { title: __( 'News', 'facial-paralysis-news' ) }, topicField( props ), storiesField( props ) )
			),
			// Links lead nowhere while the page is being written.
			el( wp.components.Disabled, {},
				el( wp.serverSideRender, { block: 'facial-paralysis-news/section', attributes: props.attributes } )
			)
		);
	}

	wp.blocks.registerBlockType( 'facial-paralysis-news/section', { edit: Edit, save: function () { return null; } } );
}( window.wp ) );
