package backup

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// claimName is the file in a folder of backups that says which server writes there, and tokenName that of a data folder
	// which tells it from those that were restored from it. No backup has it.
	claimName = "claim"
	tokenName = "backup.token"
	// claimLasts is how long a claim is watched that nobody renews until it holds for nobody, and claimRenewed after what time a server renews
	// its own.
	claimLasts   = 3 * time.Minute
	claimRenewed = 20 * time.Second
)

// ErrClaimed means that another server with the same state writes to a folder of backups.
var ErrClaimed = errors.New("another server writes there, and this state is a copy of its, so nothing is written, since that would replace what it keeps: " +
	"if that server goes on, name another folder in backup.to of this one; if it is gone, nothing has to be done, since its claim ends once this server saw it unchanged for three minutes")

// Claimant is one start of a server. A restored state has the identity of the one that it was restored from, which may still live: Own can't
// tell them apart, a claim does.
type Claimant struct {
	mu  sync.Mutex
	own claim
	// taken is set once the folder was this one's, refused once it was another one's that lived, left once this one gave it up.
	taken, refused, left bool
	// seen is another one's claim, and since is when this process first saw it as it is, by its own clock: the clocks of two machines differ.
	seen  sight
	since time.Time
}

// sight is a claim as it was seen in a folder.
type sight struct {
	folder, start string
	at            time.Time
}

// claim is what claimName holds.
type claim struct {
	Host string `json:"host"`
	Data string `json:"data"`
	// Place is the data folder itself, wherever it is, and not a copy of it; Start is this start.
	Place string `json:"place"`
	Start string `json:"start"`
	// Boot, Space and PID are the process, where it can be asked whether it lives.
	Boot  string    `json:"boot"`
	Space string    `json:"space"`
	PID   int       `json:"pid"`
	At    time.Time `json:"at"`
	// Left is set by a server that ended in order.
	Left bool `json:"left,omitempty"`
}

// NewClaimant returns a start of the server on a host whose data folder this is.
func NewClaimant(host, data string) (*Claimant, error) {
	path := filepath.Join(data, tokenName)
	token, err := os.ReadFile(path) //nolint:gosec // the data folder
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(token) == 0 {
		token = []byte(rand.Text())
		err = errors.Join(os.WriteFile(path, token, 0o600), syncPath(path))
	}
	if err != nil {
		return nil, fmt.Errorf("tell the data folder from copies of it: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("tell the data folder from copies of it: %w", err)
	}
	place := string(token)
	if s, is := info.Sys().(*syscall.Stat_t); is {
		place += fmt.Sprintf("-%d", s.Ino) // which a copied folder has anew
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without it nobody is asked whether the process lives
	space, _ := os.Readlink("/proc/self/ns/pid")
	return &Claimant{own: claim{Host: host, Data: data, Place: place, Start: rand.Text(), Boot: strings.TrimSpace(string(boot)), Space: space, PID: os.Getpid()}}, nil
}

// errLeft means that a server that ends writes nothing more.
var errLeft = errors.New("the server ends, and gave its claim on the folder of backups up")

// Renew says that the server writes to a folder, and fails with ErrClaimed while another one does. The one before in the same data folder, one whose
// process ended, one that gave its claim up, and one whose claim this process saw unchanged for three minutes hold nobody up; but who was refused while
// another one lived was there beside it, and waits out the three minutes when that one is only started again. What time.Now returns is to be now, with
// its monotonic reading: a clock that is set is no time that passed.
func (c *Claimant) Renew(folder string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left {
		return errLeft
	}
	have, err := readClaim(folder)
	if err != nil {
		return err
	}
	if have.Start != "" {
		switch {
		case have.Start == c.own.Start:
			if d := now.Sub(have.At); d >= 0 && d < claimRenewed {
				return nil
			}
		case !c.taken && have.Place == c.own.Place:
		case have.Left && !c.refused:
		case have.ended(&c.own) || c.silent(sight{folder, have.Start, have.At}, now):
		default:
			c.refused = true
			return fmt.Errorf("write to the folder of backups %s, which %s with the data folder %s claimed at %s: %w", folder, have.Host, have.Data, have.At.Format(time.RFC3339), ErrClaimed)
		}
	}
	if err := c.write(folder, now); err != nil {
		return err
	}
	c.taken = true
	return nil
}

// Release gives the claim up, where it is this one's, so that a server that is started elsewhere with the same state need not wait. Renew fails from
// then on.
func (c *Claimant) Release(folder string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = true
	if !c.taken {
		return nil
	}
	have, err := readClaim(folder)
	if err != nil || have.Start != c.own.Start {
		return err
	}
	c.own.Left = true
	return c.write(folder, now)
}

// readClaim returns the claim on a folder; one that nobody has, or that was cut, has no start.
func readClaim(folder string) (have claim, _ error) {
	text, err := os.ReadFile(filepath.Join(folder, claimName)) //nolint:gosec // the folder is the configuration's
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return have, fmt.Errorf("see who writes to the folder of backups %s: %w", folder, err)
	}
	if err != nil || json.Unmarshal(text, &have) != nil {
		return claim{}, nil
	}
	return have, nil
}

// write writes this one's claim, as of now.
func (c *Claimant) write(folder string, now time.Time) error {
	path := filepath.Join(folder, claimName)
	c.own.At = now.UTC()
	text, err := json.Marshal(c.own)
	if err == nil {
		err = errors.Join(os.WriteFile(path+".unfinished", text, 0o600), os.Rename(path+".unfinished", path))
	}
	if err != nil {
		return fmt.Errorf("claim the folder of backups %s: %w", folder, err)
	}
	return nil
}

// silent reports whether this process has seen a claim unchanged for long enough.
func (c *Claimant) silent(s sight, now time.Time) bool {
	if c.seen.folder != s.folder || c.seen.start != s.start || !c.seen.at.Equal(s.at) {
		c.seen, c.since = s, now
	}
	return now.Sub(c.since) > claimLasts
}

// ended reports whether the process of a claim is known to have ended, since it was one of this machine.
func (c *claim) ended(now *claim) bool {
	if c.Boot == "" || c.Boot != now.Boot || c.Space == "" || c.Space != now.Space || c.PID <= 0 {
		return false
	}
	return c.PID == now.PID || errors.Is(syscall.Kill(c.PID, 0), syscall.ESRCH)
}
