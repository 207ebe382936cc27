package server

import (
	"context"
	"fmt"
	"os"
	"time"

	"holdfast/store"
)

// feedSlack is how often a source of indicators may be late before the doctor speaks.
const feedSlack = 3

// examineTellers looks whether the servers that indicators come from can be asked, and
// answered lately. Secrets are looked for in the environment of whoever asks, which need
// not be that of the server: that one is missing is advice.
func (l *Local) examineTellers(ctx context.Context) ([]store.Problem, error) {
	file := l.Place.TellersFile()
	list, err := l.Place.tellers()
	if err != nil {
		return []store.Problem{ailment(err.Error(), file, "mend the file; the server reads it each time, without a new start")}, nil //nolint:nilerr // it is told as a problem
	}
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var found []store.Problem
	for i := range list {
		t := &list[i]
		where, asked := "indicators of "+t.Name, false
		if _, err := t.client(os.Getenv); err != nil {
			found = append(found, advice(err.Error(), where, "when the doctor runs in another environment than the server, look there"))
		}
		for _, ws := range spaces {
			if t.Workspace != "" && t.Workspace != ws.Slug {
				continue
			}
			asked = true
			m, err := l.told(ctx, ws.ID, t)
			if err != nil {
				return found, err
			}
			found = append(found, l.tellerAilments(t, m, where)...)
		}
		if !asked {
			found = append(found, ailment(fmt.Sprintf("there is no workspace %q", t.Workspace), where, "name one that exists in indicators.yaml, by its short name"))
		}
	}
	return found, nil
}

func (l *Local) tellerAilments(t *teller, m told, where string) []store.Problem {
	late := time.Duration(feedSlack*t.Every) * time.Hour
	switch age := l.now().Sub(m.At); {
	case m.Trouble != "":
		return []store.Problem{ailment("the last fetch failed: "+m.Trouble, where, "mend what it names; it is tried again each hour, or at once from the page Indicators of compromise")}
	case m.At.IsZero():
		return []store.Problem{advice("it was not asked yet", where, "start the server, which asks within the hour, or fetch it from the page Indicators of compromise")}
	case age > late:
		return []store.Problem{advice(fmt.Sprintf("the last fetch was %d hours ago, though it is due every %d", int(age.Hours()), t.Every), where, "see whether the server runs, and what its background jobs say")}
	}
	return nil
}
