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
	// taken is set once the folder was this one's.
	taken bool
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

// Renew says that the server writes to a folder, and fails with ErrClaimed while another one does. The one before in the same data folder, one whose
// process ended, and one whose claim this process saw unchanged for three minutes hold nobody up. What time.Now returns is to be now, with its
// monotonic reading: a clock that is set is no time that passed.
func (c *Claimant) Renew(folder string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	path := filepath.Join(folder, claimName)
	text, err := os.ReadFile(path) //nolint:gosec // the folder is the configuration's
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("see who writes to the folder of backups %s: %w", folder, err)
	}
	var have claim
	if err == nil && json.Unmarshal(text, &have) == nil && have.Start != "" {
		switch {
		case have.Start == c.own.Start:
			if d := now.Sub(have.At); d >= 0 && d < claimRenewed {
				return nil
			}
		case !c.taken && have.Place == c.own.Place:
		case have.ended(&c.own) || c.silent(sight{folder, have.Start, have.At}, now):
		default:
			return fmt.Errorf("write to the folder of backups %s, which %s with the data folder %s claimed at %s: %w", folder, have.Host, have.Data, have.At.Format(time.RFC3339), ErrClaimed)
		}
	}
	c.own.At = now.UTC()
	if text, err = json.Marshal(c.own); err == nil {
		err = errors.Join(os.WriteFile(path+".unfinished", text, 0o600), os.Rename(path+".unfinished", path))
	}
	if err != nil {
		return fmt.Errorf("claim the folder of backups %s: %w", folder, err)
	}
	c.taken = true
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
