package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"burnline/alerting/drills"
	"burnline/internal/auth"
	"burnline/slo"
	"burnline/web"
)

// lateCheckpoints is how old the newest checkpoint may be: each SLO is written every five minutes.
const lateCheckpoints = 20 * time.Minute

// access says who can sign in, and whether anybody can let others in.
func (x *examination) access(ctx context.Context) {
	set := x.parts.set.Load().Config
	mode := set.Server.Auth.Mode
	if mode != AuthLocal && mode != AuthOIDC {
		x.add("access", web.DiagnosisOK, "sign-in", "", "it is off: who reaches %s may do everything, and that is this machine alone", x.parts.listener.Addr())
		return
	}
	users, err := x.parts.access.Users(ctx)
	if err != nil {
		x.add("access", web.DiagnosisProblem, "sign-in", "see whether the state database answers", "who may sign in can't be read: %s", err)
		return
	}
	local, admins := 0, 0
	for _, u := range users {
		if !u.Local() {
			continue
		}
		local++
		if u.Role == auth.Admin {
			admins++
		}
	}
	provider := ""
	if mode == AuthOIDC {
		provider = ", and whoever " + set.Server.Auth.OIDC.called() + " lets in"
	}
	said := fmt.Sprintf("%s with a password of Burnline's own, %s among them%s", several(float64(local), "user"), several(float64(admins), "admin"), provider)
	switch {
	case admins > 0:
		x.add("access", web.DiagnosisOK, "sign-in", "", "%s", said)
	case mode == AuthOIDC:
		x.add("access", web.DiagnosisWarning, "sign-in", "burnline users add NAME --role admin, for the day on which the provider is away", "%s", said)
	case set.Server.Auth.FirstAdmin != nil:
		x.add("access", web.DiagnosisProblem, "sign-in", "see the log, which says what keeps server.auth.first_admin from being made; it is tried again every "+firstAdminAgain.String(), "%s: nobody can let others in", said)
	default:
		x.add("access", web.DiagnosisProblem, "sign-in", "stop the server and run burnline users add NAME --role admin --data "+set.Data, "%s: nobody can let others in", said)
	}
}

// keeps says how old what a lost disk or a restart needs is: checkpoints, backups, drills of restoring, the copy of the state.
func (x *examination) keeps() {
	if saved := x.parts.saved.Load(); saved != nil {
		level, remedy := web.DiagnosisOK, ""
		if x.age(*saved) > lateCheckpoints {
			level, remedy = web.DiagnosisWarning, "look at the log, and at the room on the disk: the next start counts from stored samples and takes longer"
		}
		x.add("keeps", level, "checkpoints", remedy, "the newest was written %s ago", spoken(x.age(*saved)))
	}
	b := x.parts.backups
	if b.config().To == "" && slices.Contains(x.health.Waiting, "backup.to") {
		x.add("keeps", web.DiagnosisWarning, "backup", "restart Burnline", "none is made yet: backup.to was written and is in force after a restart")
		return
	}
	if b.config().To == "" {
		x.add("keeps", web.DiagnosisWarning, "backup", "write backup: {to: FOLDER}, on another disk (docs/operations.md)", "none is made: a lost disk loses open incidents and the past of budgets")
		return
	}
	x.last("backup", "burnline backup makes one now", b.made.List())
	x.last("restore drill", "burnline backup drill runs one now", b.tried.List())
	if at := b.Copied(); b.shipper != nil && !at.IsZero() {
		x.add("keeps", web.DiagnosisOK, "copy of the state", "", "it is %s old", spoken(x.age(at)))
	}
}

// last says when something that is done on a schedule last went well. That it failed is told by its component.
func (x *examination) last(name, remedy string, all []drills.Drill) {
	i := slices.IndexFunc(all, func(d drills.Drill) bool { return !d.Ended.IsZero() && d.Error == "" && !d.Missed })
	if i < 0 {
		said := "none has gone well yet"
		if f := slices.IndexFunc(all, func(d drills.Drill) bool { return !d.Ended.IsZero() && d.Error != "" }); f >= 0 {
			said += fmt.Sprintf("; the one of %s: %s", all[f].Ended.UTC().Format("2006-01-02 15:04 MST"), all[f].Error)
			remedy = "mend that; then " + remedy
		}
		x.add("keeps", web.DiagnosisWarning, name, remedy, "%s", said)
		return
	}
	x.add("keeps", web.DiagnosisOK, name, "", "the last one that went well ended %s ago", spoken(x.age(all[i].Ended)))
}

func (x *examination) age(at time.Time) time.Duration { return max(0, x.health.At.Sub(at)) }

// spoken writes an age as precisely as it matters.
func spoken(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= time.Hour:
		return slo.FormatDuration(d.Truncate(time.Minute))
	}
	return slo.FormatDuration(max(time.Second, d.Truncate(time.Second)))
}

// secrets says which files that the configuration names by keys ending in _file this process can't read.
func (x *examination) secrets(ctx context.Context) {
	watched := x.parts.set.Load().watched(x.parts.opts)
	content, err := answer(ctx, x.places, "the configuration", func() (map[string]string, error) { return survey(watched).content, nil })
	if err != nil {
		x.add("secrets", web.DiagnosisProblem, "configuration", "see whether the disk answers that it lies on", "%s", err)
		return
	}
	var named needed
	for path, content := range content {
		if content == "" {
			continue
		}
		more, err := answer(ctx, x.places, path, func() (needed, error) {
			var more needed
			err := more.read(path)
			return more, err
		})
		named.files = append(named.files, more.files...)
		if err != nil {
			x.add("secrets", web.DiagnosisProblem, path, "have the user that runs Burnline read it", "it can't be read any more: %s", reasonOf(err))
		}
	}
	files, _ := named.lists()
	readable := 0
	for _, path := range files {
		if slices.ContainsFunc(x.unread, func(told string) bool { return samePath(told, path) }) {
			continue
		}
		if err := x.canRead(ctx, path); err != nil {
			x.add("secrets", web.DiagnosisProblem, path, fmt.Sprintf("have the user that runs Burnline (%d) read it: its owner, or its group and the rights of the folders above", os.Getuid()), "it can't be read: %s", reasonOf(err))
			continue
		}
		readable++
	}
	if readable > 0 {
		x.add("secrets", web.DiagnosisOK, "", "", "%s that the configuration names can be read", several(float64(readable), "file"))
	}
}

// canRead says why a file that the configuration names can't be read; nil where it can.
func (x *examination) canRead(ctx context.Context, path string) error {
	_, err := answer(ctx, x.places, path, func() (struct{}, error) {
		f, err := os.Open(path) //nolint:gosec // a file that the configuration names
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, f.Close()
	})
	return err
}

// reasonOf is the system's own word of what is wrong with a file, without its path, which stands before.
func reasonOf(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// skewed tells of jobs whose samples are ahead of this machine's clock: theirs, or ours, is wrong.
func (x *examination) skewed(senders map[string]*sender) {
	type off struct {
		job string
		by  time.Duration
	}
	var all []off
	for job, s := range senders {
		if by := time.Duration(s.last-x.health.At.UnixMilli()) * time.Millisecond; by > skewed {
			all = append(all, off{job, by})
		}
	}
	slices.SortFunc(all, func(a, b off) int { return cmp.Or(cmp.Compare(b.by, a.by), cmp.Compare(a.job, b.job)) })
	for _, one := range all[:min(len(all), mostSenders)] {
		x.add("clock", web.DiagnosisWarning, one.job, "have its clock set by NTP, or this machine's: samples are judged by their time", "its newest sample is %s ahead of this machine's clock", spoken(one.by))
	}
}
