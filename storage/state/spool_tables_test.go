package state

import (
	"database/sql"
	"slices"
	"testing"
)

// notCopied are the tables that a spool has no copy of, and why.
var notCopied = map[string]string{
	"goose_db_version": "each database has its own", "sqlite_sequence": "each database has its own", "identity": "each database has its own",
	"spool": "the spool's own", "spool_changed": "the spool's own",
	"versions": "can't be read while PostgreSQL is away", "totals": "can't be read while PostgreSQL is away",
	"incident_notes": "can't be read while PostgreSQL is away", "incident_verdicts": "can't be read while PostgreSQL is away",
	"incident_actions": "can't be read while PostgreSQL is away",
	"shadow_pages":     "can't be read while PostgreSQL is away", "drills": "can't be read while PostgreSQL is away",
	"audit": "what waits for it is told when PostgreSQL is back",
	"taken": "webhooks that were told before are known by what they did", "impacts": "saved again every few seconds",
	"reports": "can't be read while PostgreSQL is away", "programs": "each database has its own",
}

// A column that is added to the schema has to be copied too, or the spool would lose it.
func TestTheSpoolCopiesEveryColumn(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.prepareSpool(t.Context()); err != nil {
		t.Fatal(err)
	}
	copied := map[string][]string{}
	for _, t := range slices.Concat(spoolTables(), settingTables(), []table{alertTable}) {
		copied[t.name()] = t.columns()
	}
	copied[memberTable.name()] = append([]string{"alert_id", "group_id"}, memberTable.columns()[2:]...)
	names := map[string]bool{}
	err = eachRow(t.Context(), s.reads, `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`, nil, func(rows *sql.Rows) error {
		var table, column string
		err := rows.Scan(&table, &column)
		names[table] = true
		if notCopied[table] == "" && column != "id" && !slices.Contains(copied[table], column) {
			t.Errorf("the column %s of %s is not copied to the spool: add it to its table in spool_tables.go", column, table)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for table := range copied {
		if !names[table] {
			t.Errorf("the spool copies %s, which is no table", table)
		}
	}
}
