package dashboards

import "strings"

// at narrows Burnline's own metrics to the instances chosen.
const at = `instance=~"$instance"`

// itself is the dashboard of Burnline's own metrics.
func itself(o Options) board {
	return board{
		Board: Board{Name: "burnline", Kind: KindGeneral, UID: itselfUID, Title: "Burnline itself"},
		from:  "now-3h",
		description: "How Burnline itself fares: what comes in, how late it is judged, whether pages leave, and what it uses. " +
			"The metrics are those of /metrics, which something has to scrape; docs/metrics.md explains each.",
		tags:  []string{"burnline", Mark},
		links: append(others(itselfUID), link{title: "System page", url: o.ExternalURL + "/system", newTab: true}),
		variables: []variable{{
			name: "instance", title: "Instance", description: "Which processes are shown.", label: "instance", selector: "burnline_build_info",
		}},
		sections: []section{
			row("", 4, healthNumbers()...),
			{title: "What comes in", lines: []line{{height: 8, panels: ingestPanels()}, {height: 8, panels: refusedPanels()}}},
			{title: "Judging", lines: []line{{height: 8, panels: judgingPanels()}, {height: 8, panels: countingPanels()}}},
			{title: "Paging", lines: []line{{height: 8, panels: deliveryPanels()}, {height: 8, panels: incidentPanels()}}},
			{title: "What it uses", lines: []line{{height: 8, panels: processPanels()}, {height: 8, panels: storePanels()}}},
		},
	}
}

// own is one of Burnline's metrics, narrowed further where more is given.
func own(name string, more ...string) string { return name + braces(append([]string{at}, more...)...) }

// quantileOf is a quantile of one of Burnline's histograms.
func quantileOf(q, name string) string {
	return "histogram_quantile(" + q + ", " + sumRateBy("le", own(name+"_bucket")) + ")"
}

// latencies are the usual quantiles of a histogram.
func latencies(title, description, name string) panel {
	return chart(title, description, "s",
		target{expr: quantileOf("0.5", name), legend: "half"}, target{expr: quantileOf("0.99", name), legend: "99 %"})
}

// either is what the embedded store tells, or else the remote one.
func either(embedded, remote string) string { return "(" + embedded + ") or (" + remote + ")" }

// reason charts a counter by the labels that say why or how.
func reason(title, description, unit, labels, name string) panel {
	legend := "{{" + strings.ReplaceAll(labels, ", ", "}} {{") + "}}"
	return chart(title, description, unit, target{expr: sumRateBy(labels, own(name)), legend: legend}).pile()
}

func healthNumbers() []panel {
	return []panel{
		number("Processes", "Processes of Burnline that are scraped.", "short", "count("+own("burnline_build_info")+")", threshold{nil, blue}).whole().wide(4),
		number("Oldest page waiting", "Age of the oldest message that is committed and not delivered. Above a minute somebody should know of something and does not.",
			"s", "max("+own("burnline_outbox_oldest_pending_seconds")+")", above(60, red)...).wide(5),
		number("Behind by", "Age of the newest sample that was judged. Above five minutes nothing that happens now is seen.",
			"s", "max("+own("burnline_engine_judge_lag_seconds")+")", above(300, red)...).wide(5),
		number("Room for series", "Share of the series limit that is used; new series are refused at 100 %.",
			"percentunit", "max("+own("burnline_ingest_active_series")+" / ("+own("burnline_ingest_series_limit")+" > 0))", above(0.9, red)...).
			places(1).wide(5).mayLack("There is no limit, or a remote backend has its own."),
		number("Disk left", "What may still be written to the disk of the data folder.", "bytes",
			"min("+own("burnline_data_disk_free_bytes")+")", threshold{nil, red}, threshold{ptr(float64(2 << 30)), green}).wide(5),
	}
}

func ingestPanels() []panel {
	return []panel{
		chart("Samples", "Samples a second that were committed, and those of them that an SLO counts.", "cps",
			target{expr: either("sum("+rate(own("burnline_ingest_samples_total"))+")", "sum("+rate(own("burnline_remote_written_samples_total"))+")"), legend: "stored"},
			target{expr: either("sum("+rate(own("burnline_ingest_slo_samples_total"))+")", "sum("+rate(own("burnline_remote_polled_samples_total"))+")"), legend: "of SLOs"}),
		chart("Spans", "Spans a second that came in, and what SLOs judged of them.", "cps",
			target{expr: sumRate(own("burnline_collector_spans_total")), legend: "taken in"},
			target{expr: sumRate(own("burnline_spans_judged_total", `outcome="good"`)), legend: "judged good"},
			target{expr: sumRate(own("burnline_spans_judged_total", `outcome="bad"`)), legend: "judged bad"}),
	}
}

func refusedPanels() []panel {
	return []panel{
		chart("Samples refused", "Samples a second that can't be stored; their senders were told why.", "cps",
			target{
				expr: either(sumRateBy("reason", own("burnline_ingest_refused_samples_total")),
					sumRateBy("reason", own("burnline_remote_rejected_samples_total"))),
				legend: "{{reason}}",
			}).pile(),
		reason("Requests refused", "OTLP requests a second that were answered with an error.", "reqps", "transport, reason",
			"burnline_collector_refused_requests_total").mayLack("No request was refused."),
	}
}

func judgingPanels() []panel {
	return []panel{
		chart("Groups of SLOs by state", "What is missing, broken or unseen is not known, and nobody is paged for it by burn rate.", "short",
			target{expr: "sum by (state) (" + own("burnline_engine_slos") + ")", legend: "{{state}}"}).whole().pile(),
		latencies("Judging one SLO", "Seconds to count, judge and commit one SLO once.", "burnline_engine_judge_duration_seconds"),
	}
}

func countingPanels() []panel {
	return []panel{
		reason("Samples of SLOs", "Samples a second by what became of them. Late ones are counted after a look into storage.", "cps", "result",
			"burnline_engine_samples_total"),
		chart("What went wrong", "Failures a second: reads and writes of the stores, commits of incidents.", "cps",
			target{expr: sumRate(own("burnline_engine_read_errors_total")), legend: "reads"},
			target{expr: sumRate(own("burnline_engine_commit_failures_total")), legend: "commits"},
			target{expr: sumRate(own("burnline_engine_record_failures_total")), legend: "recorded series"},
			target{expr: sumRate(own("burnline_outbox_store_errors_total")), legend: "outbox"}),
	}
}

func deliveryPanels() []panel {
	return []panel{
		chart("Messages waiting", "Messages that are committed and not yet delivered.", "short",
			target{expr: "sum(" + own("burnline_outbox_pending_rows") + ")", legend: "waiting"}).whole(),
		reason("Attempts to deliver", "Attempts a second by what the receiver said.", "cps", "result", "burnline_outbox_attempts_total"),
	}
}

func incidentPanels() []panel {
	return []panel{
		latencies("From commit to delivery", "Seconds from the commit of a message until its receiver accepted it.", "burnline_outbox_delivery_seconds").
			mayLack("No message was delivered in this time."),
		reason("Incidents", "Incidents a second that opened, were joined, updated and closed.", "cps", "kind, severity",
			"burnline_alerting_transitions_total").mayLack("No incident opened or closed."),
	}
}

func processPanels() []panel {
	return []panel{
		chart("Memory", "Memory of the process, and what of it the program has in use.", "bytes",
			target{expr: own("process_resident_memory_bytes"), legend: "{{instance}} in all"},
			target{expr: own("go_memstats_heap_inuse_bytes"), legend: "{{instance}} in use"}),
		chart("Processor", "Processors in use.", "short", target{expr: rate(own("process_cpu_seconds_total")), legend: "{{instance}}"}).places(2),
	}
}

func storePanels() []panel {
	return []panel{
		chart("Series and traces", "Series with recent samples, and kept traces.", "short",
			target{expr: either("sum("+own("burnline_ingest_active_series")+")", "vector(0)"), legend: "series"},
			target{expr: "sum(" + own("burnline_traces_kept") + ")", legend: "traces"}).whole(),
		chart("Disk", "What is left on the disk of the data folder, and what traces take.", "bytes",
			target{expr: "min(" + own("burnline_data_disk_free_bytes") + ")", legend: "left"},
			target{expr: "sum(" + own("burnline_traces_bytes") + ")", legend: "traces"}),
	}
}
