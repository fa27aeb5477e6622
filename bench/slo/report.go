package main

import (
	"fmt"
	"time"

	"burnline/bench/table"
)

// compareTable is the table beside Prometheus.
func (o options) compareTable(c compared) *table.Table {
	ours := o.perSLO(c.burnline, c.burnlineIdle, o.slos, o.measured)
	theirs := o.perSLO(c.prometheus, c.prometheusIdle, o.slos, o.measured)
	t := &table.Table{
		Title:  "What an SLO costs",
		Header: []string{"", "Burnline", "Prometheus with Sloth's rules", "ratio"},
	}
	t.Row("CPU per SLO and minute, SLOs less without", ms(ours), ms(theirs), ratio(theirs, ours))
	t.Row("CPU of the server in a minute, with SLOs", ms(perMinute(c.burnline.cpu, o.measured)), ms(perMinute(c.prometheus.cpu, o.measured)),
		ratio(c.prometheus.cpu, c.burnline.cpu))
	t.Row("CPU of the server in a minute, without", ms(perMinute(c.burnlineIdle.cpu, o.measured)), ms(perMinute(c.prometheusIdle.cpu, o.measured)),
		ratio(c.prometheusIdle.cpu, c.burnlineIdle.cpu))
	t.Row("one round over all SLOs", ms(c.judged), ms(c.evaluated), ratio(c.evaluated, c.judged))
	t.Row("memory, resident", mib(c.burnline.rss), mib(c.prometheus.rss), fmt.Sprintf("%.2f", float64(c.prometheus.rss)/float64(c.burnline.rss)))
	t.Row("memory, peak", mib(c.burnline.peak), mib(c.prometheus.peak), fmt.Sprintf("%.2f", float64(c.prometheus.peak)/float64(c.burnline.peak)))
	t.Note("%d SLOs of 99.9 %% over 30d, %d series each, a sample every %s, %s of history (%d million samples); rules are evaluated every %s. "+
		"All four servers run at once and take the same samples by remote write; measured for %s.",
		o.slos, o.series, o.interval, o.history, c.samples/1_000_000, o.interval, o.measured)
	t.Note("The services fail 0.05 %% of their requests, so that every policy window holds bad events and Burnline judges each SLO every second.")
	t.Note("%s, with the rules that Sloth generates for its default windows. A ratio above 1 is in Burnline's favour. "+
		"Burnline's peak includes reading the history at the first start.", o.peer)
	t.Note("Aim: at most 3 ms per SLO and minute.")
	return t
}

// scaleTable is the table of Burnline at growing sizes.
func (o options) scaleTable(rows []scaled) *table.Table {
	t := &table.Table{
		Title: "Many SLOs",
		Header: []string{"SLOs", "window", "series", "CPU per SLO and minute", "cores for all SLOs", "memory on top of the store", "the same with mapped files",
			"memory with SLOs, peak", "first fill", "restart: ready", "restart: all counted", "restart of the store alone"},
	}
	for _, r := range rows {
		each := o.perSLO(r.with, r.without, r.slos, o.measured)
		t.Row(r.slos, r.window, r.slos*o.series, ms(each),
			fmt.Sprintf("%.3f", (r.with.cpu-r.without.cpu).Seconds()/o.measured.Seconds()),
			mib(r.with.own-r.without.own), mib(r.with.rss-r.without.rss), mib(r.with.peak), seconds(r.first), seconds(r.ready), seconds(r.known), seconds(r.bare))
	}
	t.Note("SLOs of 99.9 %%, %d series each, a sample every %s, by remote write; the store alone is the same server without SLOs, fed with the same samples. Measured for %s.",
		o.series, o.interval, o.measured)
	t.Note("The history has a sample an hour, every five minutes for the last three days, and every %s for the last %s.", o.interval, o.fine)
	t.Note("Memory is what is resident. Pages of mapped files are the blocks of the store, which reading history touches and the kernel takes back where memory is short.")
	t.Note("The first fill is the time until the history of all SLOs was read without a checkpoint. " +
		"The restart follows kill -9; all counted means that no SLO reads history any more.")
	t.Note("Aim: 10,000 SLOs in half a core and 600 MiB on top of the store, ready within 10 s; cost per SLO flat.")
	return t
}

func perMinute(cpu, measured time.Duration) time.Duration {
	return time.Duration(float64(cpu) / measured.Minutes())
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

func mib(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func ratio(theirs, ours time.Duration) string {
	if ours <= 0 {
		return "too little to measure"
	}
	return fmt.Sprintf("%.1f", float64(theirs)/float64(ours))
}
