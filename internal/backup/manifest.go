package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Format is the form of backups that this program writes, and the newest that it reads.
const Format = 1

// ManifestName is the file that says what a backup holds. A folder without one is no backup.
const ManifestName = "manifest.json"

// The places in a backup.
const (
	// StateName is the state as a SQLite file, from whichever database.
	StateName = "state.db"
	// MetricsDir, TracesDir and CheckpointsName are as in a data folder.
	MetricsDir      = "metrics"
	TracesDir       = "traces"
	CheckpointsName = "checkpoints.db"
	// ConfigDir holds the configuration and what it names.
	ConfigDir = "config"
)

// Manifest says what a backup holds.
type Manifest struct {
	// Format is the form of the backup.
	Format int `json:"format"`
	// Program is the version of Burnline that made it.
	Program string `json:"program"`
	// Host is the machine that it was made on, and Data its data folder.
	Host string `json:"host"`
	Data string `json:"data"`
	// Began and Ended are when it was made. The state is as of a moment after everything else.
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
	State State     `json:"state"`
	// Metrics are nil where a backend keeps them, which has backups of its own.
	Metrics *Metrics `json:"metrics,omitempty"`
	// Budgets are those of every SLO and group as they were when the backup began.
	Budgets []Budget `json:"budgets"`
	// Config are the files of the configuration, and Secrets those that it names and that are
	// not in the backup: they have to be there before a restored server starts. Variables are those
	// of the environment that it reads.
	Config    []ConfigFile `json:"config"`
	Secrets   []string     `json:"secrets"`
	Variables []string     `json:"variables"`
	// Files are all files but this one.
	Files []File `json:"files"`
	// Rotten are files of the backup before that should never change and are not as they were written. They were
	// copied anew from the store.
	Rotten []string `json:"-"`
	// links are the files that are links to those of the backup before.
	links map[string]File
}

// State is what the state of a backup holds.
type State struct {
	// Engine is SQLite or PostgreSQL.
	Engine string `json:"engine"`
	// Schema is the version of its tables, Rows how many there are of each, and Open the keys of open
	// incidents.
	Schema int64            `json:"schema"`
	Rows   map[string]int64 `json:"rows"`
	Open   []string         `json:"open"`
	// At is when it began to be read; zero in a backup of a program that did not note it, whose name was that of its clock alone.
	At time.Time `json:"at,omitzero"`
	// Copy is the name of the copy of the state that was kept beside the backup then, and CopyAt as of when that said to be. When it is another one or
	// says something else by now it went on, whatever clocks were then. They are empty where there was none.
	Copy   string    `json:"copy,omitempty"`
	CopyAt time.Time `json:"copy_at,omitzero"`
}

// Metrics are what the metric store of a backup holds.
type Metrics struct {
	Series  uint64    `json:"series"`
	Samples uint64    `json:"samples"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
}

// Budget is what one group of an SLO had left.
type Budget struct {
	SLO   string            `json:"slo"`
	Group map[string]string `json:"group,omitempty"`
	// At is when it was judged; Good and Total are the events of its window, and Recent those of its
	// shortest window.
	At     time.Time `json:"at"`
	Good   float64   `json:"good"`
	Total  float64   `json:"total"`
	Recent float64   `json:"recent"`
	// Remaining is the share that is left; nil where it is unknown.
	Remaining *float64 `json:"remaining,omitempty"`
}

// ConfigFile is a file of the configuration: where it was, and where it is in the backup.
type ConfigFile struct {
	Path string `json:"path"`
	File string `json:"file"`
}

// File is a file of a backup by its path there, with slashes.
type File struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Read is when its sum was last found to be that; a file that backups share is read anew once a week.
	Read time.Time `json:"read,omitzero"`
}

// Bytes is how large the backup is.
func (m *Manifest) Bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// ReadManifest reads what a backup says that it holds.
func ReadManifest(dir string) (*Manifest, error) { return readManifest(dir, dir) }

// readManifest is ReadManifest of a backup that messages call name.
func readManifest(dir, name string) (*Manifest, error) {
	body, err := os.ReadFile(filepath.Join(dir, ManifestName)) //nolint:gosec // the backup that the user named
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is no backup: it has no %s; name the folder of one", name, ManifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("read the backup %s: %w", name, err)
	}
	return parseManifest(name, body)
}

// parseManifest reads the text of a manifest; dir is what messages call the backup.
func parseManifest(dir string, body []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("read the manifest of %s: %w; the backup is damaged, take another one", dir, err)
	}
	if m.Format > Format {
		return nil, fmt.Errorf("the backup %s has the form %d and was made by burnline %s; this burnline reads forms up to %d: restore it by a newer one", dir, m.Format, m.Program, Format)
	}
	if m.Format < 1 {
		return nil, fmt.Errorf("the manifest of %s has no form; the backup is damaged, take another one", dir)
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, fmt.Errorf("the manifest of %s names %.100q, which is no path within a backup", dir, f.Path)
		}
	}
	return &m, nil
}
