// Package smtp is a small SMTP server as a stand-in for a mail relay: it speaks STARTTLS and TLS from the start, checks PLAIN,
// LOGIN and CRAM-MD5, keeps the mails that it took, and refuses what its test names.
package smtp

import (
	"bufio"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // CRAM-MD5 is what it says
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say how the stand-in behaves; all may be zero.
type Options struct {
	// TLS is its certificate; nil offers no STARTTLS. Implicit speaks TLS from the start.
	TLS      *tls.Config
	Implicit bool
	// Username and Password are what it takes to sign in, by the Mechanisms that it offers; no name
	// lets everybody send.
	Username, Password string
	Mechanisms         []string
	// Refuse maps a command, such as "RCPT TO:<a@example.com>", to the answer that it gets, once per value in
	// order and then always the last; the command "." is the end of the mail.
	Refuse map[string][]string
}

// Mail is one mail as it was taken.
type Mail struct {
	From string
	To   []string
	// Data is the mail with its headers, lines ending in \n.
	Data string
	// Encrypted says whether it came by TLS; User who signed in.
	Encrypted bool
	User      string
}

// Server is the stand-in. It is safe for concurrent use.
type Server struct {
	o      Options
	listen net.Listener
	group  sync.WaitGroup

	mu    sync.Mutex
	mails []Mail
	open  []net.Conn
}

// Start listens on a port of its own until Close.
func Start(o Options) (*Server, error) {
	listen, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with Close
	if err != nil {
		return nil, fmt.Errorf("listen for mail: %w", err)
	}
	s := &Server{o: o, listen: listen}
	s.group.Go(s.accept)
	return s, nil
}

// Addr is the server's host:port.
func (s *Server) Addr() string { return s.listen.Addr().String() }

// Mails returns what was taken so far.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Close ends the server and its connections.
func (s *Server) Close() error {
	err := s.listen.Close()
	s.mu.Lock()
	for _, c := range s.open {
		_ = c.Close() // it may be closed already
	}
	s.mu.Unlock()
	s.group.Wait()
	return err
}

func (s *Server) accept() {
	for {
		conn, err := s.listen.Accept()
		if err != nil {
			return // closed
		}
		s.mu.Lock()
		s.open = append(s.open, conn)
		s.mu.Unlock()
		s.group.Go(func() {
			defer func() { _ = conn.Close() }() // the sender sees the end, whatever Close says
			if s.o.Implicit {
				conn = tls.Server(conn, s.o.TLS)
			}
			c := &session{s: s, conn: conn, encrypted: s.o.Implicit}
			_ = c.serve() // the sender may leave at any time
		})
	}
}

// answer is what a command is to be answered instead of properly.
func (s *Server) answer(command string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := s.o.Refuse[command]
	if len(answers) == 0 {
		return "", false
	}
	if len(answers) > 1 {
		s.o.Refuse[command] = answers[1:]
	}
	return answers[0], true
}

// session is one connection.
type session struct {
	s         *Server
	conn      net.Conn
	in        *bufio.Reader
	encrypted bool
	user      string
	mail      Mail
}

var errQuit = errors.New("the sender is done")

func (c *session) serve() error {
	c.in = bufio.NewReader(c.conn)
	if err := c.write("220 mail.example.com ESMTP"); err != nil {
		return err
	}
	for {
		line, err := c.read()
		if err != nil {
			return err
		}
		if err := c.command(line); err != nil {
			return err
		}
	}
}

func (c *session) read() (string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return "", err
	}
	line, err := c.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

func (c *session) write(lines ...string) error {
	_, err := io.WriteString(c.conn, strings.Join(lines, "\r\n")+"\r\n")
	return err
}

// command answers one line.
func (c *session) command(line string) error {
	if said, ok := c.s.answer(line); ok {
		return c.write(said)
	}
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		return c.write(c.extensions()...)
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.auth(rest)
	case "MAIL":
		if c.s.o.Username != "" && c.user == "" {
			return c.write("530 5.7.0 Authentication required")
		}
		c.mail = Mail{From: address(rest), Encrypted: c.encrypted, User: c.user}
		return c.write("250 2.1.0 Ok")
	case "RCPT":
		c.mail.To = append(c.mail.To, address(rest))
		return c.write("250 2.1.5 Ok")
	case "DATA":
		return c.data()
	case "RSET", "NOOP":
		return c.write("250 2.0.0 Ok")
	case "QUIT":
		_ = c.write("221 2.0.0 Bye") // the sender may be gone
		return errQuit
	}
	return c.write("500 5.5.2 Error: command not recognized")
}

// extensions are the lines that answer EHLO.
func (c *session) extensions() []string {
	lines := []string{"mail.example.com", "8BITMIME", "ENHANCEDSTATUSCODES"}
	if c.s.o.TLS != nil && !c.encrypted {
		lines = append(lines, "STARTTLS")
	}
	if len(c.s.o.Mechanisms) > 0 {
		lines = append(lines, "AUTH "+strings.Join(c.s.o.Mechanisms, " "))
	}
	for i := range lines {
		between := "-"
		if i == len(lines)-1 {
			between = " "
		}
		lines[i] = "250" + between + lines[i]
	}
	return lines
}

func (c *session) startTLS() error {
	if err := c.write("220 2.0.0 Ready to start TLS"); err != nil {
		return err
	}
	secure := tls.Server(c.conn, c.s.o.TLS)
	if err := secure.Handshake(); err != nil { //nolint:noctx // the connection ends with the server
		return err
	}
	c.conn, c.in, c.encrypted = secure, bufio.NewReader(secure), true
	return nil
}

// data takes the mail itself.
func (c *session) data() error {
	if err := c.write("354 End data with <CR><LF>.<CR><LF>"); err != nil {
		return err
	}
	var b strings.Builder
	for {
		line, err := c.read()
		if err != nil {
			return err
		}
		if line == "." {
			break
		}
		b.WriteString(strings.TrimPrefix(line, ".") + "\n")
	}
	if said, ok := c.s.answer("."); ok {
		return c.write(said)
	}
	c.mail.Data = b.String()
	c.s.mu.Lock()
	c.s.mails = append(c.s.mails, c.mail)
	c.s.mu.Unlock()
	return c.write("250 2.0.0 Ok: queued")
}

// address is what stands between < and >.
func address(s string) string {
	_, after, _ := strings.Cut(s, "<")
	inner, _, _ := strings.Cut(after, ">")
	return inner
}

// auth signs in by one of the mechanisms.
func (c *session) auth(line string) error {
	mechanism, initial, _ := strings.Cut(line, " ")
	ask := func(challenge string) (string, error) {
		if err := c.write("334 " + base64.StdEncoding.EncodeToString([]byte(challenge))); err != nil {
			return "", err
		}
		return c.read()
	}
	good := false
	switch {
	case !slices.Contains(c.s.o.Mechanisms, mechanism):
		return c.write("504 5.5.4 Unrecognized authentication type")
	case mechanism == "PLAIN":
		parts := strings.Split(decode(initial), "\x00")
		good = len(parts) == 3 && parts[1] == c.s.o.Username && parts[2] == c.s.o.Password
	case mechanism == "LOGIN":
		name, err := ask("Username:")
		if err != nil {
			return err
		}
		password, err := ask("Password:")
		if err != nil {
			return err
		}
		good = decode(name) == c.s.o.Username && decode(password) == c.s.o.Password
	case mechanism == "CRAM-MD5":
		const challenge = "<1896.697170952@mail.example.com>"
		said, err := ask(challenge)
		if err != nil {
			return err
		}
		mac := hmac.New(md5.New, []byte(c.s.o.Password))
		mac.Write([]byte(challenge))
		good = decode(said) == c.s.o.Username+" "+hex.EncodeToString(mac.Sum(nil))
	}
	if !good {
		return c.write("535 5.7.8 Error: authentication failed for " + c.s.o.Username)
	}
	c.user = c.s.o.Username
	return c.write("235 2.7.0 Authentication successful")
}

func decode(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}
