package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"burnline/internal/harness"
)

// life starts the server, tells it of the alert as often as Prometheus would, and waits for
// the kill. The first time it comes at the first send, often before the alert is answered.
func (c *ordeal) life(killed <-chan struct{}) {
	c.t.Helper()
	c.start()
	taken := false
	c.eventually("the kill", func() bool {
		taken = taken || c.sendAlerts(c.t.Context(), c.alert) == nil
		select {
		case <-killed:
			return true
		default:
			return false
		}
	})
}

// sound lets nothing be in the way.
func (c *ordeal) sound() { c.life(c.front.arm(c.at, 1)) }

// faulty has the stand-in treat the first send of each life as the trouble says.
func (c *ordeal) faulty() {
	c.stand.Script(c.trouble.fault)
	c.life(c.front.arm(c.at, 1))
	c.stand.Recover()
	if c.trouble.told && c.at == after {
		return
	}
	c.stand.Script(c.trouble.fault)
	c.life(c.front.arm(c.at, 2))
}

// unknownKey is a key of the right form that PagerDuty doesn't know.
var unknownKey = strings.Repeat("0", 32)

// fallback gives the receiver a key that PagerDuty refuses, and another receiver to fall back
// to; the second kill is at the send to that one.
func (c *ordeal) fallback() {
	backup := newFront(c.story)
	c.write("key", unknownKey)
	c.oncallAt(c.front.url, fmt.Sprintf(", fallback: backup}\n    - {name: backup, pagerduty_configs: [{url: %q, routing_key: %s}]", backup.url, teamKey))
	second := backup.arm(c.at, 1)
	c.life(c.front.arm(c.at, 1))
	c.life(second)
}

// wrongKey has the receiver refused until its key is put right and the configuration read again.
func (c *ordeal) wrongKey() {
	c.write("key", unknownKey)
	c.life(c.front.arm(c.at, 1))
	c.start()
	c.told(c.alert)
	c.eventually("a refusal", func() bool { return c.metric(`burnline_outbox_attempts_total{result="refused"}`) > 0 })
	c.write("key", routingKey)
	killed := c.front.arm(c.at, 1)
	if resp, err := http.Post("http://"+c.web+"/-/reload", "", nil); err == nil { // the kill may come before the answer
		_ = resp.Body.Close()
	}
	c.waitFor("the kill after the reload", killed)
}

// nameless lets PagerDuty's name lead nowhere: the first life ends once the alert is on disk, once a look-up
// failed, or once two did, since such a send has no other moments; the second one is killed when the name leads somewhere again.
func (c *ordeal) nameless() {
	c.write("hosts", "127.0.0.1 localhost\n")
	c.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
	c.server.Env = append(c.server.Env, "NO_PROXY=*")
	c.server.Command = harness.Privately(fmt.Sprintf("mount --bind '%s' /etc/hosts && mount --bind '%s' /etc/resolv.conf",
		filepath.Join(c.dir, "hosts"), filepath.Join(c.dir, "resolv.conf")), c.server.Command...)
	c.oncallAt(strings.Replace(c.front.url, "127.0.0.1", "pagerduty.test", 1))
	failed := func(n float64) func() bool {
		return func() bool { return c.metric(`burnline_outbox_attempts_total{result="retry"}`) >= n }
	}
	c.start()
	c.told(c.alert)
	if n := map[sendMoment]float64{during: 1, after: 2}[c.at]; n > 0 {
		c.eventually("look-ups that fail", failed(n))
	}
	c.server.Kill()
	c.start()
	c.eventually("a look-up that fails", failed(1))
	killed := c.front.arm(c.at, 1)
	c.write("hosts", "127.0.0.1 localhost pagerduty.test\n")
	c.waitFor("the kill once the name leads somewhere", killed)
}

// distrusted shows a certificate that nobody vouches for to the first connection of each life.
func (c *ordeal) distrusted() {
	front, trusted := newTLSFront(c.story)
	c.write("trusted.pem", trusted)
	c.server.Env = append(c.server.Env, "SSL_CERT_FILE="+filepath.Join(c.dir, "trusted.pem"))
	c.oncallAt(front.url)
	front.distrust(1)
	c.life(front.arm(c.at, 1))
	front.distrust(1)
	c.life(front.arm(c.at, 2))
}

// outage breaks every send off for a while, with the waits between attempts as they are.
func (c *ordeal) outage(lasts time.Duration) {
	c.front.leave()
	c.life(c.front.arm(c.at, 1))
	c.start()
	c.told(c.alert)
	over := time.NewTimer(lasts)
	defer over.Stop()
	<-over.C
	c.waitFor("the kill when the outage is over", c.front.comeBack(c.at))
}
