package state

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// table is a table that is copied between the databases: its name, and its columns but for the
// number that each database gives itself. Tests compare them with the schema.
type table string

// These hold incidents; the first column is the incident's key.
const (
	incidentTable table = "incidents dedup_key slo severity first_group opened closed title message incident cause receiver"
	aliasTable    table = "aliases dedup_key alias"
	stepTable     table = "steps dedup_key seq kind at reason"
	outboxTable   table = "outbox dedup_key receiver integration seq action message state attempts created_at next_at leased_until settled_at " +
		"answer receipt priority held held_until news"
	decisionTable table = "decisions dedup_key seq receiver fate decider until reason at"
	ackTable      table = "acknowledgements dedup_key seq kind person via at"
	groupTable    table = "alert_groups dedup_key identity receiver labels severity started opened closed firing resolved unproven told flush news"
)

const (
	// alertTable are outside alerts; the first column is their print.
	alertTable table = "alerts " + alertFields
	// memberTable are places of alerts in groups, by the incident's key and the print.
	memberTable      table = "alert_members dedup_key print starts ended ended_told fate fate_by until reason at"
	destinationTable table = "destinations name held_until"
	sendTable        table = "sends destination at attempts"
)

// spoolTables hold incidents. Each is written after the ones before it.
func spoolTables() []table {
	return []table{incidentTable, aliasTable, stepTable, outboxTable, decisionTable, ackTable, groupTable}
}

// settingTables are copied as a whole; of those that grow by the day, see settingsCopied, the first
// column is a time. The first two columns tell lines apart.
func settingTables() []table {
	return []table{
		"silences ends_at id body", "corrections id body removed removed_by", destinationTable, sendTable,
		"users name changed body", "sessions hash owner seen ended body", "tokens token hash used revoked revoked_by body",
		"changes at id noted service kind version body", "seen_versions service version at quiet",
		"maintenances ends_at id body", "status_posts at id removed body",
	}
}

// name is the table's name.
func (t table) name() string {
	name, _, _ := strings.Cut(string(t), " ")
	return name
}

// words are the names of the columns, in order.
func (t table) words() iter.Seq[string] {
	_, columns, _ := strings.Cut(string(t), " ")
	return strings.FieldsFuncSeq(columns, func(r rune) bool { return r == ' ' || r == ',' })
}

func (t table) columns() []string { return slices.Collect(t.words()) }

// at is the place of a column in a line.
func (t table) at(column string) int {
	i := 0
	for name := range t.words() {
		if name == column {
			return i
		}
		i++
	}
	return -1
}

// line is one row of a table, by its columns.
type line []any

// text and number are columns of a line.
func (t table) text(l line, column string) string {
	s, _ := l[t.at(column)].(string)
	return s
}

func (t table) number(l line, column string) int64 {
	n, _ := l[t.at(column)].(int64)
	return n
}

// story is all that is written of some incidents: lines by table.
type story map[string][]line

// of returns the lines of a table that belong to an incident.
func (s story) of(t table, key string) []line {
	var some []line
	for _, l := range s[t.name()] {
		if l[0] == key {
			some = append(some, l)
		}
	}
	return some
}

// readStory reads all that is written of incidents.
func readStory(ctx context.Context, q queryer, keys []string) (story, error) {
	all := story{}
	for some := range filled(keys) {
		in := ` IN (` + list(1, len(some)) + `)`
		members := `SELECT g.dedup_key, a.print, m.` + strings.Join(memberTable.columns()[2:], ", m.") + ` FROM alert_members m
			JOIN alert_groups g ON g.id = m.group_id JOIN alerts a ON a.id = m.alert_id WHERE g.dedup_key` + in + ` ORDER BY m.group_id, m.alert_id`
		if err := all.lines(ctx, q, memberTable, members, some); err != nil {
			return nil, err
		}
		alerts := `SELECT ` + alertFields + ` FROM alerts WHERE id IN (SELECT m.alert_id FROM alert_members m
			JOIN alert_groups g ON g.id = m.group_id WHERE g.dedup_key` + in + `) ORDER BY id`
		if err := all.lines(ctx, q, alertTable, alerts, some); err != nil {
			return nil, err
		}
		for _, t := range spoolTables() {
			order := ` ORDER BY dedup_key`
			if slices.Contains(t.columns(), "seq") {
				order += `, seq`
			}
			if err := all.lines(ctx, q, t, `SELECT `+strings.Join(t.columns(), ", ")+` FROM `+t.name()+` WHERE dedup_key`+in+order, some); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// lines adds the lines that a query finds.
func (s story) lines(ctx context.Context, q queryer, t table, query string, args []any) error {
	width := len(t.columns())
	err := eachRow(ctx, q, query, args, func(rows *sql.Rows) error {
		l := make(line, width)
		targets := make([]any, len(l))
		for i := range l {
			targets[i] = &l[i]
		}
		err := rows.Scan(targets...)
		for i, v := range l {
			if b, raw := v.([]byte); raw {
				l[i] = string(b)
			}
		}
		s[t.name()] = append(s[t.name()], l)
		return err
	})
	if err != nil {
		return fmt.Errorf("copy the table %s: %w", t.name(), err)
	}
	return nil
}

// insertLines writes lines into a table; conflict says what becomes of those that are there.
func (w writer) insertLines(t table, lines []line, conflict string) error {
	columns := t.columns()
	for some := range parts(lines) {
		_, err := w.tx.ExecContext(w.ctx, `INSERT INTO `+t.name()+` (`+strings.Join(columns, ", ")+`) VALUES `+
			w.s.dialect.tuples(len(some), len(columns))+conflict, values(some)...)
		if err != nil {
			return fmt.Errorf("copy the table %s: %w", t.name(), err)
		}
	}
	return nil
}

// values are the values of lines as arguments of a statement.
func values(lines []line) []any {
	var all []any
	for _, l := range lines {
		all = append(all, l...)
	}
	return all
}

// insertMembers writes places of alerts whose alerts and groups are there.
func (w writer) insertMembers(lines []line, conflict string) error {
	columns := strings.Join(memberTable.columns()[2:], ", ")
	for _, l := range lines {
		n := len(l) - 2
		_, err := w.tx.ExecContext(w.ctx, fmt.Sprintf(`INSERT INTO alert_members (%s, group_id, alert_id)
			SELECT %s, g.id, a.id FROM alert_groups g JOIN alerts a ON a.print = $%d WHERE g.dedup_key = $%d`,
			columns, casts(l[2:]), n+1, n+2)+conflict, append(slices.Clone(l[2:]), l[1], l[0])...)
		if err != nil {
			return fmt.Errorf("copy the table alert_members: %w", err)
		}
	}
	return nil
}

// casts are placeholders for values that a SELECT list holds, whose types PostgreSQL can't guess.
func casts(values line) string {
	all := make([]string, len(values))
	for i, v := range values {
		kind := "TEXT"
		if _, number := v.(int64); number {
			kind = "BIGINT"
		}
		all[i] = fmt.Sprintf("CAST($%d AS %s)", i+1, kind)
	}
	return strings.Join(all, ", ")
}
