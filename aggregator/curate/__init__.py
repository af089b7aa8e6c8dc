"""The curator's hand: feeds.yaml edited in place, OPML in and out, a site's feed found."""
