package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
)

const (
	blockOf = 2 * time.Hour
	every   = 15 * time.Second
)

// fillMetrics writes blocks of a day of samples, as the store of metrics has them on disk, and returns how many.
func fillMetrics(ctx context.Context, dir string, series int) (samples int, err error) {
	end := time.Now().Truncate(blockOf).Add(-blockOf)
	for from := end.Add(-24 * time.Hour); from.Before(end); from = from.Add(blockOf) {
		n, err := fillBlock(ctx, dir, series, from)
		if err != nil {
			return samples, fmt.Errorf("write a block of samples: %w", err)
		}
		samples += n
	}
	return samples, nil
}

func fillBlock(ctx context.Context, dir string, series int, from time.Time) (n int, err error) {
	w, err := tsdb.NewBlockWriter(slog.New(slog.DiscardHandler), dir, blockOf.Milliseconds())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	for at := from; at.Before(from.Add(blockOf)); at = at.Add(every) {
		app := w.Appender(ctx)
		for i := range series {
			ls := labels.FromStrings(model.MetricNameLabel, "filler_requests_total", "instance", strconv.Itoa(i/10), "code", strconv.Itoa(200+i%10))
			value := at.Sub(from).Seconds() * float64(1+i%7)
			if _, err := app.Append(0, ls, at.UnixMilli(), value); err != nil {
				return n, errors.Join(err, app.Rollback())
			}
			n++
		}
		if err := app.Commit(); err != nil {
			return n, err
		}
	}
	_, err = w.Flush(ctx)
	return n, err
}
