package app

import (
	"time"

	"burnline/slo"
	"burnline/web"
)

// LimitsConfig bounds what the pages and the APIs take on.
type LimitsConfig struct {
	// Connections and ConnectionsEach are how many are open at once, in all and of one address.
	Connections     int `yaml:"connections"`
	ConnectionsEach int `yaml:"connections_per_client"`
	// Rate is how many requests a second one client may send, and Burst at once; 0 is no bound.
	Rate  float64 `yaml:"requests_per_second"`
	Burst int     `yaml:"burst"`
	// AtOnce is how many requests to pages and the API are answered at once.
	AtOnce int `yaml:"requests_at_once"`
	// Streams and StreamsEach are how many live streams are open, in all and of one address.
	Streams     int `yaml:"streams"`
	StreamsEach int `yaml:"streams_per_client"`
	// Queries bound PromQL.
	Queries QueryLimitsConfig `yaml:"queries"`
}

// QueryLimitsConfig bounds what is asked of the Prometheus API.
type QueryLimitsConfig struct {
	// AtOnce is how many queries run at once, and Timeout how long one may take.
	AtOnce  int           `yaml:"at_once"`
	Timeout time.Duration `yaml:"timeout"`
	// Samples is how many samples one may hold in memory, and Series how many series it may answer with.
	Samples int `yaml:"samples"`
	Series  int `yaml:"series"`
}

func defaultLimits() LimitsConfig {
	d := web.DefaultLimits()
	return LimitsConfig{
		Connections: 4096, ConnectionsEach: 1024, Rate: d.Rate, Burst: d.Burst, AtOnce: d.AtOnce, Streams: d.Streams, StreamsEach: d.StreamsEach,
		Queries: QueryLimitsConfig{AtOnce: 20, Timeout: 2 * time.Minute, Samples: 50_000_000, Series: 100_000},
	}
}

// validate returns what can't be a limit.
func (c LimitsConfig) validate() slo.Findings {
	const key = "server.limits."
	var findings slo.Findings
	for _, l := range []struct {
		key   string
		value int
		usual string
	}{
		{"connections", c.Connections, "4096"}, {"connections_per_client", c.ConnectionsEach, "1024"}, {"burst", c.Burst, "500"}, {"requests_at_once", c.AtOnce, "64"},
		{"streams", c.Streams, "512"}, {"streams_per_client", c.StreamsEach, "128"}, {"queries.at_once", c.Queries.AtOnce, "20"},
		{"queries.samples", c.Queries.Samples, "50000000"}, {"queries.series", c.Queries.Series, "100000"},
	} {
		if l.value < 1 {
			findings = append(findings, wrong(key+l.key, "less than one is nothing at all", "write a number such as "+l.usual))
		}
	}
	if c.Rate < 0 {
		findings = append(findings, wrong(key+"requests_per_second", "less than none can't be", "write a number such as 100, or 0 for no bound"))
	}
	if q := c.Queries.Timeout; q < time.Second || q >= writeTime {
		findings = append(findings, wrong(key+"queries.timeout", "a query takes from 1s to less than "+writeTime.String(), "write a duration such as 2m"))
	}
	return findings
}

// limits are those of the pages and the API.
func (c LimitsConfig) limits() web.Limits {
	l := web.DefaultLimits()
	l.Rate, l.Burst, l.AtOnce, l.Streams, l.StreamsEach = c.Rate, c.Burst, c.AtOnce, c.Streams, c.StreamsEach
	return l
}
