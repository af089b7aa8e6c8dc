"""Curate the feed list: edit feeds.yaml in place, import and export OPML, find a site's feed."""
