"""An edition becomes files: pages (HTML), outfeeds (Atom, JSON Feed), site (a release, all or nothing)."""
