package alerting

import (
	"maps"
	"time"
)

// toldEnds are ends of alerts as senders told them, by print.
type toldEnds map[string]time.Time

// endsKept is for how long a told end is remembered: Prometheus repeats one for a quarter of an
// hour.
const endsKept = time.Hour

// toldIn are the ends among news.
func toldIn(news map[string]*incoming) toldEnds {
	ends := toldEnds{}
	for print, in := range news {
		if in.alert != nil && in.ending != "" {
			ends[print] = in.alert.EndsAt
		}
	}
	return ends
}

// toldBefore reports whether the end of an alert has been told before, word for word. Of two
// servers that evaluate the same rules one may see the end while the other one goes on, and
// repeats it every minute: that ends once what fires, and not again each time.
func (r *Router) toldBefore(print string, ends toldEnds) bool {
	end, is := ends[print]
	if !is {
		return false
	}
	r.alerts.state.Lock()
	defer r.alerts.state.Unlock()
	before, known := r.alerts.ends[print]
	return known && before.Equal(end)
}

// rememberEnds keeps ends that are stored.
func (r *Router) rememberEnds(ends toldEnds, now time.Time) {
	if len(ends) == 0 {
		return
	}
	r.alerts.state.Lock()
	defer r.alerts.state.Unlock()
	if r.alerts.ends == nil {
		r.alerts.ends = toldEnds{}
	}
	maps.Copy(r.alerts.ends, ends)
	if now.Sub(r.alerts.pruned) > endsKept {
		r.alerts.pruned = now
		maps.DeleteFunc(r.alerts.ends, func(_ string, end time.Time) bool { return now.Sub(end) > endsKept })
	}
}
