// Package scrape takes in metrics the way Prometheus does: it finds targets by
// ordinary scrape_configs and pulls from them with Prometheus' own scraper.
//
// Targets are found by static_configs, file_sd_configs and dns_sd_configs. Other
// kinds of service discovery are refused by name. Other than by Prometheus' defaults, a
// job is scraped every 15 seconds, and start timestamps are kept, for which protobuf is
// asked for first. Histograms are classic unless a job sets
// scrape_native_histograms; both forms are stored only where a job also sets
// always_scrape_classic_histograms.
package scrape
