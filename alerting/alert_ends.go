package alerting

import (
	"maps"
	"net/url"
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
		maps.DeleteFunc(r.alerts.tellers, func(_ string, of map[string]time.Time) bool { return !anyAfter(of, now) })
	}
}

// tellers are the servers that tell of an alert where several do, by its print: until when each one said that it
// fires. They are known by the host in their generator URLs.
type tellers map[string]map[string]time.Time

// contested reports whether an alert ends for one server while another one said that it fires, and may still
// say so: two servers that evaluate the same rules see an end some time after each other, and one that
// flaps for one of them must not be resolved and paged again each time. It ends with the last of them.
func (r *Router) contested(in *incoming, have *OutsideAlert, now time.Time) bool {
	if in.alert == nil || have == nil || !have.Fires() || have.Expires.IsZero() {
		return false
	}
	r.alerts.state.Lock()
	defer r.alerts.state.Unlock()
	of := r.alerts.tellers[in.print]
	if of == nil && (in.ending != "" || in.alert.GeneratorURL == have.GeneratorURL) {
		return false // one server, as far as is known
	}
	server := hostOf(in.alert.GeneratorURL)
	if in.ending != "" {
		delete(of, server)
		if anyAfter(of, now) {
			return true
		}
		delete(r.alerts.tellers, in.print)
		return false
	}
	if of == nil {
		first := hostOf(have.GeneratorURL)
		if first == server {
			return false
		}
		if r.alerts.tellers == nil {
			r.alerts.tellers = tellers{}
		}
		of = map[string]time.Time{first: have.Expires}
		r.alerts.tellers[in.print] = of
	}
	of[server] = in.expires
	return false
}

// anyAfter reports whether some of the times lie ahead.
func anyAfter(times map[string]time.Time, now time.Time) bool {
	for _, at := range times {
		if at.After(now) {
			return true
		}
	}
	return false
}

// hostOf is the host of an address, or the address where it has none.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
