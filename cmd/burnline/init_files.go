package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"burnline/internal/propose"
	"burnline/slo"
	"burnline/slo/spec"
)

// files makes the files of all proposals, one for each service, under names that are free.
func files(folder string, all []propose.Proposal) ([]proposedFile, error) {
	out := []proposedFile{}
	for len(all) > 0 {
		service := all[0].Definition.Service
		n := slices.IndexFunc(all, func(p propose.Proposal) bool { return p.Definition.Service != service })
		if n < 0 {
			n = len(all)
		}
		name, err := freeName(folder, service)
		if err != nil {
			return nil, err
		}
		text, err := propose.Text(all[:n])
		if err != nil {
			return nil, err
		}
		file := proposedFile{File: name, Service: service, Text: string(text)}
		for i := range all[:n] {
			d := &all[i].Definition
			file.SLOs = append(file.SLOs, proposedSLO{ID: d.ID, Objective: d.Objective, Threshold: thresholdOf(d), Reason: all[i].Reason})
		}
		out, all = append(out, file), all[n:]
	}
	return out, nil
}

// mostFiles bounds how many files of one service init writes beside each other.
const mostFiles = 99

// freeName is a file of the folder that isn't there yet.
func freeName(folder, service string) (string, error) {
	for i := 1; i <= mostFiles; i++ {
		name := filepath.Join(folder, service+".yaml")
		if i > 1 {
			name = filepath.Join(folder, fmt.Sprintf("%s-%d.yaml", service, i))
		}
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", fmt.Errorf("look for a name for the file of %s: %w", service, err)
		}
	}
	return "", fmt.Errorf("%s holds %d files of %s; remove some, or write --out and another folder", folder, mostFiles, service)
}

// writeProposed writes files that aren't there.
func writeProposed(all []proposedFile) error {
	for _, f := range all {
		if err := os.MkdirAll(filepath.Dir(f.File), 0o755); err != nil {
			return fmt.Errorf("write the proposals: %w", err)
		}
		w, err := os.OpenFile(f.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("write the proposals: %w", err)
		}
		_, err = w.WriteString(f.Text)
		if err := errors.Join(err, w.Close()); err != nil {
			return fmt.Errorf("write the proposals: %w", err)
		}
	}
	return nil
}

// loadIfThere reads the SLOs of a folder; none where it isn't there.
func loadIfThere(folder string) ([]slo.Definition, error) {
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	set, findings, err := spec.Load([]string{folder})
	if err != nil {
		return nil, err
	}
	if errs := findings.Errors(); len(errs) > 0 {
		return nil, fmt.Errorf("read what %s holds already; mend it, or write --out and another folder:\n%w", folder, errs)
	}
	return set.Definitions, nil
}
