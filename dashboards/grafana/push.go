package grafana

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"burnline/dashboards"
)

// Request says what is pushed.
type Request struct {
	// Files are generated files; those that hold no dashboard are passed over.
	Files []dashboards.File
	// Folder is the title that the titles of the folders begin with; "" is dashboards.FolderTitle.
	Folder string
	// DryRun looks and changes nothing.
	DryRun bool
	// Prune deletes dashboards in these folders that were pushed before and are not among Files.
	Prune bool
	// Force also writes and deletes what Burnline made and somebody has changed or moved since. What
	// Burnline did not make is never touched.
	Force bool
	// Told is called with each outcome as it comes; may be nil.
	Told func(Outcome)
}

// Action is what was done with a dashboard, or would be in a dry run.
type Action string

// The actions.
const (
	Created   Action = "created"
	Updated   Action = "updated"
	Unchanged Action = "unchanged"
	Deleted   Action = "deleted"
	// LeftAlone is what was not done, for the reason that stands beside it.
	LeftAlone Action = "left alone"
)

// Outcome is what became of one dashboard.
type Outcome struct {
	// Name is that of the dashboard, or its uid where it is generated no more.
	Name   string
	Action Action
	// Reason says why it was left alone.
	Reason string
	// Changes are what an update changes, one line each.
	Changes []string
}

// signature begins the message of each version that Burnline saved; what it saved follows as a hash. A
// newest version without it is somebody else's.
const signature = "burnline dashboards push "

// Push writes dashboards into their folders, which are made where they are missing. One that can't be written for what
// somebody did to it is left alone and told; any other failure ends the push with an error.
func (c *Client) Push(ctx context.Context, r Request) error {
	if r.Folder == "" {
		r.Folder = dashboards.FolderTitle
	}
	if r.Told == nil {
		r.Told = func(Outcome) {}
	}
	p := &push{c: c, Request: r, folders: map[dashboards.Kind]string{}, generated: map[string]bool{}}
	if err := p.openFolders(ctx); err != nil {
		return err
	}
	for _, f := range r.Files {
		if f.Board.UID == "" {
			continue
		}
		p.generated[f.Board.UID] = true
		o, err := p.one(ctx, f)
		if err != nil {
			return fmt.Errorf("push %s: %w", f.Board.Name, err)
		}
		o.Name = f.Board.Name
		r.Told(o)
	}
	if !r.Prune {
		return nil
	}
	return p.prune(ctx)
}

// push is one push under way.
type push struct {
	Request
	c *Client
	// folders are the uids of the folders by kind; "" where a dry run would make one.
	folders   map[dashboards.Kind]string
	generated map[string]bool
}

// openFolders finds the folder of each kind by its title, or makes it.
func (p *push) openFolders(ctx context.Context) error {
	there, err := p.c.folders(ctx)
	if err != nil {
		return err
	}
	for _, k := range dashboards.Kinds() {
		title := k.Folder(p.Folder)
		var same []string
		for _, f := range there {
			if f.Title == title {
				same = append(same, f.UID)
			}
		}
		switch {
		case len(same) > 1:
			return fmt.Errorf("there are %d folders %q; rename all but one, or choose another --folder", len(same), title)
		case len(same) == 1:
			p.folders[k] = same[0]
		case !p.DryRun:
			f := folder{UID: folderUID(title), Title: title}
			if err := p.openFolder(ctx, f); err != nil {
				return err
			}
			p.folders[k] = f.UID
		}
	}
	return nil
}

// openFolder makes a folder. One that is there by now, as when an answer was lost, is good too.
func (p *push) openFolder(ctx context.Context, f folder) error {
	err := p.c.createFolder(ctx, f)
	if status, _ := code(err); status != http.StatusConflict && status != http.StatusPreconditionFailed {
		return err
	}
	there, unseen := p.c.folders(ctx)
	if unseen == nil && slices.Contains(there, f) {
		return nil
	}
	return errors.Join(err, unseen)
}

// folderUID is the same for the same title.
func folderUID(title string) string { return dashboards.UIDPrefix + "folder-" + hash([]byte(title)) }

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// one pushes one dashboard.
func (p *push) one(ctx context.Context, f dashboards.File) (Outcome, error) {
	var model map[string]any
	if err := json.Unmarshal(f.Data, &model); err != nil {
		return Outcome{}, fmt.Errorf("read what was generated: %w", err)
	}
	message := signature + hash(f.Data)
	at := p.folders[f.Board.Kind]
	old, err := p.c.get(ctx, f.Board.UID)
	if err != nil {
		return Outcome{}, err
	}
	if old == nil {
		if p.DryRun {
			return Outcome{Action: Created}, nil
		}
		return p.write(ctx, save{Dashboard: model, FolderUID: at, Message: message}, Outcome{Action: Created})
	}
	newest, err := p.c.newest(ctx, f.Board.UID)
	if err != nil {
		return Outcome{}, err
	}
	if why := p.keepsOff(old, newest, at); why != "" {
		return Outcome{Action: LeftAlone, Reason: why}, nil
	}
	changes := difference(old.Dashboard, model)
	if newest.Message == message && old.Meta.FolderUID == at {
		return Outcome{Action: Unchanged}, nil
	}
	o := Outcome{Action: Updated, Changes: changes}
	if p.DryRun {
		return o, nil
	}
	model["version"] = old.version() // so that nothing is overwritten that came since
	return p.write(ctx, save{Dashboard: model, FolderUID: at, Message: message}, o)
}

// keepsOff says why a dashboard that is there is not to be written or deleted; "" is that it may be.
func (p *push) keepsOff(old *present, newest version, folder string) string {
	switch {
	case !old.tagged(dashboards.Mark):
		return "it has the address of ours and was not made by Burnline"
	case old.Meta.Provisioned:
		return "Grafana loads it from a file; push or provision, not both"
	case p.Force:
		return ""
	case !strings.HasPrefix(newest.Message, signature):
		return "somebody changed it since the last push; --force overwrites that"
	case old.Meta.FolderUID != folder:
		return "it lies in another folder, moved there or pushed by another Burnline; --force takes it"
	}
	return ""
}

// write saves a dashboard. A save whose answer was lost may have been made nevertheless.
func (p *push) write(ctx context.Context, s save, o Outcome) (Outcome, error) {
	err := p.c.save(ctx, s)
	status, why := code(err)
	if err == nil || status != http.StatusPreconditionFailed && status != http.StatusBadRequest {
		return o, err
	}
	if status == http.StatusPreconditionFailed {
		uid, _ := s.Dashboard["uid"].(string)
		newest, unseen := p.c.newest(ctx, uid)
		if unseen == nil && newest.Message == s.Message {
			return o, nil
		}
		if status, _ := code(unseen); unseen != nil && status != http.StatusNotFound {
			return Outcome{}, errors.Join(err, unseen)
		}
	}
	reason := err.Error()
	switch why {
	case "version-mismatch":
		reason = "somebody changed it just now; push again to see how"
	case "name-exists":
		reason = "another dashboard in the folder has its title; rename that one, or choose another --folder"
	}
	return Outcome{Action: LeftAlone, Reason: reason}, nil
}

// prune deletes what was pushed before and is not generated any more.
func (p *push) prune(ctx context.Context) error {
	for _, k := range dashboards.Kinds() {
		if p.folders[k] == "" {
			continue // a dry run, and nothing can be there
		}
		uids, err := p.c.search(ctx, dashboards.Mark, p.folders[k])
		if err != nil {
			return err
		}
		for _, uid := range uids {
			if p.generated[uid] || !strings.HasPrefix(uid, dashboards.UIDPrefix) {
				continue
			}
			if err := p.pruneOne(ctx, uid, p.folders[k]); err != nil {
				return fmt.Errorf("delete the dashboard %s of what is gone: %w", uid, err)
			}
		}
	}
	return nil
}

func (p *push) pruneOne(ctx context.Context, uid, folder string) error {
	old, err := p.c.get(ctx, uid)
	if err != nil || old == nil {
		return err
	}
	newest, err := p.c.newest(ctx, uid)
	if err != nil {
		return err
	}
	name, _ := old.Dashboard["title"].(string)
	if why := p.keepsOff(old, newest, folder); why != "" {
		p.Told(Outcome{Name: name, Action: LeftAlone, Reason: why})
		return nil
	}
	if !p.DryRun {
		if err := p.c.remove(ctx, uid); err != nil {
			if status, _ := code(err); status != http.StatusNotFound { // an answer was lost, or somebody was faster
				return err
			}
		}
	}
	p.Told(Outcome{Name: name, Action: Deleted})
	return nil
}
