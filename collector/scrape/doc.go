// Package scrape takes in metrics the way Prometheus does: it finds targets by
// ordinary scrape_configs and pulls from them with Prometheus' own scraper.
//
// Targets are found by static_configs, file_sd_configs and dns_sd_configs. Other
// kinds of service discovery are refused by name. Beyond Prometheus' defaults, a job
// is scraped every 15 seconds, native and classic histograms are both taken, and
// start timestamps are kept.
package scrape
