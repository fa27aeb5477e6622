package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"burnline/internal/datadir"
	"burnline/slo"
	"burnline/storage/metrics"
)

// Store is the embedded metric store. It is safe for concurrent use.
type Store struct {
	source
	lock     *datadir.Lock
	db       *tsdb.DB
	engine   *promql.Engine
	now      func() time.Time
	room     func() error
	logger   *slog.Logger
	figures  *figures
	limit    *limit
	series   *seriesTable
	families *families
	tap      *tap
}

var _ metrics.Store = (*Store)(nil)

// Open opens the store and replays its write-ahead log. The error is one line
// that says what to do where the folder can't be used.
func Open(o Options) (*Store, error) {
	if o.Dir == "" || o.Logger == nil || o.Registerer == nil {
		return nil, errors.New("open metric store: Dir, Logger and Registerer are required")
	}
	o = o.withDefaults()
	lock, err := datadir.Take(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := newerBlock(o.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("open metric store: %w", err), lock.Release())
	}
	s := &Store{lock: lock, now: o.Now, room: o.Room, logger: o.Logger, figures: newFigures(o.Registerer), families: newFamilies()}
	s.series = newSeriesTable()
	s.limit = newLimit(o.MaxSeries, s.series)
	db, err := tsdb.Open(o.Dir, o.Logger.With("component", "tsdb"), o.Registerer, o.tsdbOptions(s.limit), nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open metric store %s: %w", o.Dir, err), lock.Release())
	}
	s.db = db
	s.source = source{querier: db.Querier, oldest: func() int64 { return oldest(db) }}
	s.series.newest = db.Head().MaxTime
	s.limit.enforce(db.Head().NumSeries)
	s.engine = newEngine(o)
	registerGauges(o.Registerer, db, o.MaxSeries)
	return s, nil
}

// oldest returns a time that nothing in the database is older than.
func oldest(db *tsdb.DB) int64 {
	t := min(db.Head().MinTime(), db.Head().MinOOOTime())
	for _, b := range db.Blocks() {
		t = min(t, b.MinTime())
	}
	return t
}

const (
	queryTimeout = 3 * time.Minute // callers have shorter ones
	// subqueryStep is the step of a subquery that names none.
	subqueryStep = time.Minute
)

func newEngine(o Options) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger: o.Logger.With("component", "promql"), Reg: o.Registerer,
		MaxSamples: o.MaxSamples, Timeout: queryTimeout,
		NoStepSubqueryIntervalFn: func(int64) int64 { return subqueryStep.Milliseconds() },
		EnableAtModifier:         true, EnableNegativeOffset: true,
		Parser: parser.NewParser(parser.Options{}),
	})
}

// Tap sets the sink that is shown new samples. It is called before traffic;
// samples committed earlier are not shown.
func (s *Store) Tap(sink metrics.Sink) { s.tap = newTap(sink) }

// DB returns the TSDB for its statistics; writes go through AppenderV2 only.
func (s *Store) DB() *tsdb.DB { return s.db }

// Engine returns the PromQL engine with the store's limits.
func (s *Store) Engine() promql.QueryEngine { return s.engine }

// Queryable returns the samples for PromQL.
func (s *Store) Queryable() storage.SampleAndChunkQueryable { return s.db }

// ExemplarQueryable returns the exemplars that are still in memory.
func (s *Store) ExemplarQueryable() storage.ExemplarQueryable { return s.db }

// Metadata returns type, help and unit of every metric family that carried them.
func (s *Store) Metadata() map[string]metadata.Metadata { return s.families.all() }

// NoteMetadata remembers what a sender says of a metric family apart from its
// samples.
func (s *Store) NoteMetadata(family string, meta metadata.Metadata) {
	if family != "" && !meta.IsEmpty() {
		s.families.note(family, meta)
	}
}

// Query implements metrics.Store.
func (s *Store) Query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (parser.Value, error) {
	return query(ctx, s.engine, s.db, expr, from, to, step)
}

func query(ctx context.Context, engine *promql.Engine, data storage.Queryable, expr string, from, to time.Time, step time.Duration) (parser.Value, error) {
	var (
		q   promql.Query
		err error
	)
	if step <= 0 {
		q, err = engine.NewInstantQuery(ctx, data, nil, expr, to)
	} else {
		q, err = engine.NewRangeQuery(ctx, data, nil, expr, from, to, step)
	}
	if err != nil {
		return nil, fmt.Errorf("query %q: %w", expr, err)
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, fmt.Errorf("query %q: %w", expr, res.Err)
	}
	return copyValue(res.Value), nil
}

// copyValue returns the value in memory of its own: the engine reuses a
// query's memory after Close.
func copyValue(v parser.Value) parser.Value {
	m, ok := v.(promql.Matrix)
	if !ok {
		return v
	}
	out := make(promql.Matrix, len(m))
	for i, s := range m {
		histograms := append([]promql.HPoint(nil), s.Histograms...)
		for k := range histograms {
			histograms[k].H = histograms[k].H.Copy()
		}
		out[i] = promql.Series{Metric: s.Metric, DropName: s.DropName,
			Floats: append([]promql.FPoint(nil), s.Floats...), Histograms: histograms}
	}
	return out
}

// Record writes rows of the engine. They are never shown to the tap and don't
// fall under the series limit; a row that can't be stored is dropped and counted.
func (s *Store) Record(ctx context.Context, rows []slo.Recorded) error {
	if err := s.room(); err != nil {
		return fmt.Errorf("record %d rows: %w", len(rows), err)
	}
	app := s.db.AppenderV2(ctx)
	var refused tally
	for _, r := range rows {
		ls := metrics.ToLabels(r.Labels)
		s.limit.exempt(r.Labels.Get(slo.MetricName))
		_, err := app.Append(0, ls, 0, r.T, r.V, nil, nil, storage.AOptions{})
		if err == nil {
			continue
		}
		why, ok := classify(err, nil, nil)
		if !ok {
			return fmt.Errorf("record %s: %w", r.Labels, errors.Join(err, app.Rollback()))
		}
		refused.add(why)
	}
	if err := app.Commit(); err != nil {
		return fmt.Errorf("record %d rows: %w", len(rows), err)
	}
	s.figures.count(len(rows)-refused.total(), &refused)
	return nil
}

// Settle writes what is kept in memory only and would be written within a minute. Called when room gets scarce it leaves nothing
// to be written later, which without any room would end the process.
func (s *Store) Settle() { s.db.ForceHeadMMap() }

// Close implements metrics.Store. No append or query may be under way.
func (s *Store) Close() error {
	if err := errors.Join(s.engine.Close(), s.db.Close(), s.lock.Release()); err != nil {
		return fmt.Errorf("close metric store: %w", err)
	}
	return nil
}
