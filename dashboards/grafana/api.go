package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// folder is a folder of Grafana.
type folder struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
}

// present is a dashboard as Grafana has it.
type present struct {
	Dashboard map[string]any `json:"dashboard"`
	Meta      struct {
		FolderUID   string `json:"folderUid"`
		Provisioned bool   `json:"provisioned"`
	} `json:"meta"`
}

// version is the number of its newest version.
func (p *present) version() int {
	n, _ := p.Dashboard["version"].(float64)
	return int(n)
}

// tagged reports whether it carries a tag.
func (p *present) tagged(tag string) bool {
	tags, _ := p.Dashboard["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

// version is one version of a dashboard.
type version struct {
	Message string `json:"message"`
}

// versions are answered in an object, and by Grafana before 11 as a list alone.
type versions []version

// UnmarshalJSON implements json.Unmarshaler.
func (v *versions) UnmarshalJSON(data []byte) error {
	var list []version
	if json.Unmarshal(data, &list) == nil {
		*v = list
		return nil
	}
	var object struct{ Versions []version }
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*v = object.Versions
	return nil
}

// How many things are asked for at once.
const (
	foldersAtOnce = 1000
	foundAtOnce   = 1000
)

// folders lists the folders at the root.
func (c *Client) folders(ctx context.Context) ([]folder, error) {
	var all []folder
	for page := 1; ; page++ {
		var some []folder
		if err := c.do(ctx, http.MethodGet, fmt.Sprintf("/api/folders?limit=%d&page=%d", foldersAtOnce, page), nil, &some); err != nil {
			return nil, fmt.Errorf("list the folders: %w", err)
		}
		all = append(all, some...)
		if len(some) < foldersAtOnce {
			return all, nil
		}
	}
}

// createFolder makes a folder at the root.
func (c *Client) createFolder(ctx context.Context, f folder) error {
	if err := c.do(ctx, http.MethodPost, "/api/folders", f, nil); err != nil {
		return fmt.Errorf("create the folder %q: %w", f.Title, err)
	}
	return nil
}

// get returns a dashboard; nil where there is none.
func (c *Client) get(ctx context.Context, uid string) (*present, error) {
	var p present
	err := c.do(ctx, http.MethodGet, "/api/dashboards/uid/"+url.PathEscape(uid), nil, &p)
	if status, _ := code(err); status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at the dashboard %s: %w", uid, err)
	}
	return &p, nil
}

// newest returns the newest version of a dashboard; zero where Grafana keeps none.
func (c *Client) newest(ctx context.Context, uid string) (version, error) {
	var list versions
	if err := c.do(ctx, http.MethodGet, "/api/dashboards/uid/"+url.PathEscape(uid)+"/versions?limit=1", nil, &list); err != nil {
		return version{}, fmt.Errorf("look at the versions of %s: %w", uid, err)
	}
	if len(list) == 0 {
		return version{}, nil
	}
	return list[0], nil
}

// save is what is sent to keep a dashboard. It never asks to overwrite: the version that was looked at
// is sent along, and Grafana refuses where it is not the newest any more.
type save struct {
	Dashboard map[string]any `json:"dashboard"`
	FolderUID string         `json:"folderUid"`
	Message   string         `json:"message"`
	Overwrite bool           `json:"overwrite"`
}

// save keeps a dashboard.
func (c *Client) save(ctx context.Context, s save) error {
	return c.do(ctx, http.MethodPost, "/api/dashboards/db", s, nil)
}

// remove deletes a dashboard.
func (c *Client) remove(ctx context.Context, uid string) error {
	return c.do(ctx, http.MethodDelete, "/api/dashboards/uid/"+url.PathEscape(uid), nil, nil)
}

// search lists the uids of dashboards with a tag in a folder.
func (c *Client) search(ctx context.Context, tag, folderUID string) ([]string, error) {
	var uids []string
	for page := 1; ; page++ {
		q := url.Values{
			"type": {"dash-db"}, "tag": {tag}, "folderUIDs": {folderUID}, "limit": {strconv.Itoa(foundAtOnce)}, "page": {strconv.Itoa(page)},
		}
		var some []struct {
			UID string `json:"uid"`
		}
		if err := c.do(ctx, http.MethodGet, "/api/search?"+q.Encode(), nil, &some); err != nil {
			return nil, fmt.Errorf("search for dashboards of before: %w", err)
		}
		for _, s := range some {
			uids = append(uids, s.UID)
		}
		if len(some) < foundAtOnce {
			return uids, nil
		}
	}
}
