package collector

import (
	"net"
	"sync"
)

// connections is a listener that knows the connections it has accepted.
type connections struct {
	net.Listener

	mu   sync.Mutex
	open map[net.Conn]struct{}
	over bool
}

// Accept implements net.Listener.
func (c *connections) Accept() (net.Conn, error) {
	accepted, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	known := &connection{Conn: accepted, of: c}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		_ = accepted.Close() // who accepts it notices
		return accepted, nil
	}
	c.open[known] = struct{}{}
	return known, nil
}

// cut closes all connections, those to come as well.
func (c *connections) cut() {
	c.mu.Lock()
	c.over = true
	open := make([]net.Conn, 0, len(c.open))
	for conn := range c.open {
		open = append(open, conn)
	}
	c.mu.Unlock()
	for _, conn := range open {
		_ = conn.Close()
	}
}

// connection takes itself off the list when it is closed.
type connection struct {
	net.Conn
	of *connections
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
