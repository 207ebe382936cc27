package web

import (
	"holdfast/access"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/web/ui"
)

// jobsShown is how many jobs the list shows.
const jobsShown = 100

func jobsPage(r *Request) error {
	var jobs []store.Job
	err := r.App().View(r.Ctx(), func(tx *store.Tx) (err error) {
		jobs, err = tx.Jobs(jobsShown)
		return err
	})
	if err != nil {
		return err
	}
	return r.Render("Background jobs", jobsBody(r, jobs))
}

func (r *Request) job() (store.Job, error) {
	var j store.Job
	err := r.App().View(r.Ctx(), func(tx *store.Tx) (err error) {
		j, err = tx.JobByID(r.PathValue("id"))
		return err
	})
	return j, err
}

// jobPage shows how far a job is. Asked for a fragment it answers the progress
// alone, which asks again each second until the job has ended.
func jobPage(r *Request) error {
	j, err := r.job()
	if err != nil {
		return err
	}
	if r.Fragment() {
		return r.RenderPart(JobProgress(r, j))
	}
	r.Crumbs(ui.Crumb{Label: "Background jobs", Href: "/jobs"})
	return r.Render(jobTitle(j), jobBody(r, j))
}

func jobTitle(j store.Job) string { return or(j.Title, kind.Humanise(j.Name)) }

// mayCancel tells whether the actor may stop a job: who asked for it, and who runs
// the security management.
func (r *Request) mayCancel(j store.Job) bool {
	running := j.State == store.JobWaiting || j.State == store.JobRunning
	return running && (r.Actor.Has(access.Administrator) || r.Actor.Has(access.SecurityLead) || j.CreatedBy == r.Actor.Name)
}

func cancelJob(r *Request) error {
	j, err := r.job()
	if err != nil {
		return err
	}
	if ended(j) {
		return kind.Errorf(kind.Conflict, "the job has ended already")
	}
	if !r.mayCancel(j) {
		return kind.Errorf(kind.Forbidden, "%s may not cancel a job of %s", r.Actor.Name, j.CreatedBy)
	}
	err = r.App().Write(r.Ctx(), func(tx *store.Tx) error { return tx.CancelJob(j.ID, r.App().Now()) })
	if err != nil {
		return err
	}
	return r.Redirect("/jobs/"+j.ID, ui.ToastProps{Text: "The job is cancelled."})
}

func ended(j store.Job) bool {
	return j.State == store.JobDone || j.State == store.JobFailed || j.State == store.JobCancelled
}

var jobStages = map[string]ui.Stage{
	store.JobWaiting: ui.Waiting, store.JobRunning: ui.Doing, store.JobDone: ui.Done, store.JobFailed: ui.Failed, store.JobCancelled: ui.Stopped,
}

// safeResult is the page on which the result of a job stands; empty when there is none.
func safeResult(j store.Job) string {
	if j.State == store.JobDone && safePath(j.Result) {
		return j.Result
	}
	return ""
}
