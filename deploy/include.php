<?php
// The news section for a homepage in PHP (docs/homepage.md):
//
//     require_once '/srv/news/deploy/include.php';
//     echo facial_paralysis_news();
//
// The section is HTML that the program has escaped; print it as it is. It is read, never included: what `include` reads is run.

declare(strict_types=1);

/**
 * The section as HTML; the last good copy where it cannot be read; a link where there is no copy either.
 *
 * $site is the folder that the program publishes to. $copies is a folder that PHP, and nobody else, may write, like
 * /var/cache/facial-paralysis-news; without it no copy is kept. $page is where the news has a page of its own.
 */
function facial_paralysis_news(
    string $site = '/srv/news/data/site',
    ?string $copies = null,
    string $page = '/news/'
): string {
    $copy = $copies === null ? null : "$copies/section.html";
    $section = facial_paralysis_news_read("$site/section.html");
    if ($section !== null) {
        if ($copy !== null && facial_paralysis_news_read($copy) !== $section) {
            // Written beside the copy and renamed, so that nobody reads half a copy.
            $fresh = $copy . '.' . getmypid();
            if (@file_put_contents($fresh, $section) === strlen($section)) {
                @rename($fresh, $copy);
            } else {
                @unlink($fresh);
            }
        }
        return $section;
    }
    $kept = $copy === null ? null : facial_paralysis_news_read($copy);
    return $kept ?? '<p><a href="' . htmlspecialchars($page) . '">Facial paralysis news</a></p>';
}

/** A file's text, or null where it cannot be read or is empty. */
function facial_paralysis_news_read(string $file): ?string
{
    $text = is_readable($file) ? @file_get_contents($file) : false;
    return $text === false || $text === '' ? null : $text;
}
