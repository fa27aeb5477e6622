// Package stalled sends requests that stop within their body, as a sender whose network is gone, and as
// somebody who wants to keep a server busy.
package stalled

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Requests opens connections to the server at an address such as http://127.0.0.1:9900 and sends a request
// on each whose body breaks off after its first bytes. It returns once the server reads all of the bodies;
// they go no further until the test ends. A header is written as "Name: value".
func Requests(t *testing.T, n int, server, method, path string, header ...string) {
	t.Helper()
	for range n {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(server, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		// A server asks for the body when it begins to read it.
		lines := append([]string{method + " " + path + " HTTP/1.1", "Host: test", "Content-Length: 5000", "Expect: 100-continue"}, header...)
		if _, err := fmt.Fprint(conn, strings.Join(lines, "\r\n"), "\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("nothing asks for the body of %s %s: %v", method, path, err)
		}
		_ = resp.Body.Close() // it has none
		if resp.StatusCode != http.StatusContinue {
			t.Fatalf("%s %s is answered %s before its body", method, path, resp.Status)
		}
		if _, err := fmt.Fprint(conn, "[    "); err != nil {
			t.Fatal(err)
		}
	}
}
