package store

import (
	"context"
	"database/sql"
	"time"

	"holdfast/kind"
)

// The states of a job.
const (
	JobWaiting   = "waiting"
	JobRunning   = "running"
	JobDone      = "done"
	JobFailed    = "failed"
	JobCancelled = "cancelled"
)

// A Job is a piece of work that outlives the process which asked for it.
type Job struct {
	ID        string    `json:"id"`
	Workspace string    `json:"-"`
	Name      string    `json:"name"`  // which function does it
	Title     string    `json:"title"` // for people
	Payload   string    `json:"-"`     // JSON for the function
	Once      string    `json:"-"`     // a waiting or running job of the name with the same word makes this one superfluous
	State     string    `json:"state"`
	Attempt   int       `json:"attempt"`
	RunAt     time.Time `json:"run_at"`
	Step      string    `json:"step"`
	Done      int       `json:"done"`
	Total     int       `json:"total"`
	Error     string    `json:"error"`
	Result    string    `json:"result"` // where to look when it is done: a path in the UI
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	Finished  time.Time `json:"finished_at"`
}

// Enqueue adds a job in the transaction of the change that causes it. It tells
// whether one was added: with Once, a job that still waits or runs is enough.
func (t *Tx) Enqueue(j Job) (bool, error) {
	var once any
	if j.Once != "" {
		once = j.Once
	}
	n, err := t.exec(`INSERT INTO job (id, workspace_id, name, title, payload, once, state, attempt, run_at, lease, step, done, total, error, result, created_at, created_by, finished_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, '', '', 0, 0, '', '', ?, ?, '') ON CONFLICT DO NOTHING`,
		j.ID, t.workspace, j.Name, j.Title, j.Payload, once, JobWaiting, kind.FormatTime(j.RunAt), kind.FormatTime(j.CreatedAt), j.CreatedBy)
	return n > 0, err
}

const jobColumns = "id, workspace_id, name, title, payload, COALESCE(once, ''), state, attempt, run_at, step, done, total, error, result, created_at, created_by, finished_at"

func scanJob(rows *sql.Rows) (Job, error) {
	var j Job
	var runAt, created, finished string
	err := rows.Scan(&j.ID, &j.Workspace, &j.Name, &j.Title, &j.Payload, &j.Once, &j.State, &j.Attempt, &runAt, &j.Step, &j.Done, &j.Total, &j.Error, &j.Result, &created, &j.CreatedBy, &finished)
	if err != nil {
		return j, err
	}
	return j, parseTimes([]string{runAt, created, finished}, &j.RunAt, &j.CreatedAt, &j.Finished)
}

// Jobs lists the newest jobs of the workspace.
func (t *Tx) Jobs(limit int) ([]Job, error) {
	var jobs []Job
	err := t.each(func(rows *sql.Rows) error {
		j, err := scanJob(rows)
		jobs = append(jobs, j)
		return err
	}, "SELECT "+jobColumns+" FROM job WHERE workspace_id = ? ORDER BY created_at DESC, id DESC LIMIT ?", t.workspace, limit)
	return jobs, err
}

// JobByID reads one job of the workspace.
func (t *Tx) JobByID(id string) (Job, error) {
	var job Job
	found := false
	err := t.each(func(rows *sql.Rows) (err error) {
		job, err = scanJob(rows)
		found = true
		return err
	}, "SELECT "+jobColumns+" FROM job WHERE workspace_id = ? AND id = ?", t.workspace, id)
	if err == nil && !found {
		err = kind.Errorf(kind.NotFound, "there is no job %q", id)
	}
	return job, err
}

// CancelJob ends a job that waits and asks one that runs to stop.
func (t *Tx) CancelJob(id string, now time.Time) error {
	n, err := t.exec("UPDATE job SET state = ?, once = NULL, finished_at = ? WHERE workspace_id = ? AND id = ? AND state IN (?, ?)",
		JobCancelled, kind.FormatTime(now), t.workspace, id, JobWaiting, JobRunning)
	if err == nil && n == 0 {
		err = kind.Errorf(kind.Conflict, "the job has ended already")
	}
	return err
}

// The functions below serve the runner of package job and see all workspaces.

// TakeJob hands out the next job that is due, or one whose runner died: its lease
// has passed. found is false when there is nothing to do.
func (s *Store) TakeJob(ctx context.Context, now, lease time.Time) (job Job, found bool, err error) {
	err = s.update(ctx, "", func(t *Tx) error {
		found = false
		return t.each(func(rows *sql.Rows) (err error) {
			job, err = scanJob(rows)
			found = err == nil
			return err
		}, `UPDATE job SET state = ?, lease = ?, attempt = attempt + 1 WHERE id = (
			SELECT id FROM job WHERE (state = ? AND run_at <= ?) OR (state = ? AND lease < ?) ORDER BY run_at, id LIMIT 1
		) AND (state = ? OR lease < ?) RETURNING `+jobColumns,
			JobRunning, kind.FormatTime(lease), JobWaiting, kind.FormatTime(now), JobRunning, kind.FormatTime(now), JobWaiting, kind.FormatTime(now))
	})
	return job, found, err
}

// KeepJob renews the lease and stores the progress. alive is false when the job
// was cancelled: then its runner stops.
func (s *Store) KeepJob(ctx context.Context, j Job, lease time.Time) (alive bool, err error) {
	err = s.update(ctx, "", func(t *Tx) error {
		n, err := t.exec("UPDATE job SET lease = ?, step = ?, done = ?, total = ? WHERE id = ? AND state = ? AND attempt = ?",
			kind.FormatTime(lease), j.Step, j.Done, j.Total, j.ID, JobRunning, j.Attempt)
		alive = n > 0
		return err
	})
	return alive, err
}

// EndJob stores how a run of a job ended: done, failed for good, or waiting again.
// A run that does not count gives its attempt back.
func (s *Store) EndJob(ctx context.Context, j Job, counts bool) error {
	attempts := j.Attempt
	if !counts {
		attempts--
	}
	return s.update(ctx, "", func(t *Tx) error {
		var once any
		if j.Once != "" && j.State == JobWaiting {
			once = j.Once
		}
		_, err := t.exec("UPDATE job SET state = ?, attempt = ?, once = ?, run_at = ?, step = ?, done = ?, total = ?, error = ?, result = ?, finished_at = ? WHERE id = ? AND state = ? AND attempt = ?",
			j.State, attempts, once, kind.FormatTime(j.RunAt), j.Step, j.Done, j.Total, j.Error, j.Result, kind.FormatTime(j.Finished), j.ID, JobRunning, j.Attempt)
		return err
	})
}
