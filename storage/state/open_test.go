package state_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/storage/state"
)

// brief is how long a state is waited for where it never comes.
const brief = 200 * time.Millisecond

// refusal opens a state that can't be opened and returns what is said.
func refusal(t *testing.T, o state.Options) string {
	t.Helper()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
	if err == nil {
		_ = s.Close()
		t.Fatal("it opened")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error has more than one line: %v", err)
	}
	return err.Error()
}

// says fails the test unless the text holds every part.
func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not say %q", text, p)
		}
	}
}

func TestADataFolderThatCanNotBeWrittenIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, refusal(t, state.Options{Dir: filepath.Join(file, "data")}), "the data folder "+file+"/data can't be created: not a directory; choose another folder with --data")
	says(t, refusal(t, state.Options{Dir: "/proc"}), "the data folder /proc is not writable: ")
	says(t, refusal(t, state.Options{}), "no data folder is given")
}

func TestAFolderOfAnyNameWorks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%e;f")
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, state.FileName)); err != nil {
		t.Error(err)
	}
}

func TestAFileThatAnotherProcessLocksIsNamed(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, state.FileName)+"?_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	says(t, refusal(t, state.Options{Dir: dir, Wait: brief}), "state.db is locked by another process; stop the other burnline or give this one a data folder of its own")
}

func TestAFileThatIsNoDatabaseIsNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, state.FileName), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, refusal(t, state.Options{Dir: dir}), "state.db is damaged or no SQLite database; move it away or restore a backup")
}

func TestANewerSchemaIsRefused(t *testing.T) {
	dir, dsn := t.TempDir(), server.Database(t)
	for driver, o := range map[string]state.Options{"sqlite3": {Dir: dir, Program: "v1"}, "pgx": {DSN: dsn, Dir: dir, Program: "v1"}} {
		s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: o})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		address := o.DSN
		if address == "" {
			address = filepath.Join(dir, state.FileName)
		}
		db, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true); INSERT INTO programs (schema_version, program, at) VALUES (99, 'v9', 1)"); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		says(t, refusal(t, o), "the state database has schema 99, to which burnline v9 brought it, and this burnline v1 knows schemas up to ",
			": run a burnline at least as new as the one that brought it there, or restore the backup from before the update")
		// An update that was broken off in the middle left copies that this program can't read either.
		newest, err := state.Newest()
		if err != nil {
			t.Fatal(err)
		}
		copies := filepath.Join(dir, state.CopiesDir)
		if err := os.MkdirAll(copies, 0o700); err != nil {
			t.Fatal(err)
		}
		name := func(from int64) string {
			return filepath.Join(copies, fmt.Sprintf("state.db.before-00099.from-%05d", from))
		}
		for i, from := range []int64{newest - 1, newest, newest + 1, newest + 2} {
			at := time.Unix(int64(1000+i), 0)
			if err := errors.Join(os.WriteFile(name(from), nil, 0o600), os.Chtimes(name(from), at, at)); err != nil {
				t.Fatal(err)
			}
		}
		says(t, refusal(t, o), "or go back to "+name(newest)+", without what happened since")
		if err := os.RemoveAll(copies); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWrongAddressOfPostgreSQLIsNamedWithoutItsPassword(t *testing.T) {
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listen.Close() // accepts and never answers
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, dsn, want string }{
		{"another database", "mysql://me:s3cret@db/state", "state.dsn is not a PostgreSQL address; write postgres://user@host:5432/database"},
		{"a port that is no number", "postgres://me:s3cret@db:port/state", "state.dsn is not a PostgreSQL address"},
		{"nobody listens", "postgres://me:s3cret@" + free + "/state", "PostgreSQL at " + free + ", database state, user me can't be reached: "},
		{"nobody answers", "postgres://me:s3cret@" + listen.Addr().String() + "/state", "can't be reached: "},
		{"no such host", "postgres://me:s3cret@nowhere.invalid/state", "PostgreSQL at nowhere.invalid:5432, database state, user me can't be reached: "},
		{"no such database", server.DSN("nowhere"), `database "nowhere" does not exist; create it with createdb`},
		{"no such user", strings.Replace(server.DSN("postgres"), "user=postgres", "user=nobody", 1), `refuses the login: role "nobody" does not exist; check user and password`},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := state.Options{DSN: c.dsn, Dir: t.TempDir()}
			if strings.HasSuffix(c.want, "can't be reached: ") {
				o.Wait = brief
			}
			got := refusal(t, o)
			says(t, got, c.want)
			if strings.Contains(got, "s3cret") {
				t.Errorf("the password is shown: %s", got)
			}
		})
	}
}
