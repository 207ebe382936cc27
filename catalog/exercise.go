package catalog

import (
	"regexp"
	"slices"
)

// A Story is what an exercise about one kind of incident is made of. Names of the
// organisation that plays stand in braces.
type Story struct {
	ID       string   `yaml:"id"`       // the kind of incident, as records name it; restore; or common
	Openings []string `yaml:"openings"` // one of them is told at the beginning
	Goals    []string `yaml:"goals"`
	Injects  []Inject `yaml:"injects"` // each belongs to the story
	Twists   []Inject `yaml:"twists"`  // some of them are chosen
}

func (s *Story) id() string { return s.ID }

// An Inject is one piece of news.
type Inject struct {
	ID      string   `yaml:"id"`
	Phase   string   `yaml:"phase"`
	To      string   `yaml:"to"` // who is told: one of PlaybookRoles, or Everybody
	News    string   `yaml:"news"`
	Expects []string `yaml:"expects"` // what a prepared team does; each is a point
	Within  int      `yaml:"within"`  // minutes
}

// StoryNames are the words that may stand in braces.
var StoryNames = []string{"asset", "next", "base", "owner", "lead", "vendor", "customer", "backup", "duty", "hours", "organisation", "hour"}

// Story finds what is played about a kind of incident.
func (c *Catalog) Story(id string) (*Story, bool) { return find(c.Stories, id) }

var storyName = regexp.MustCompile(`\{([^{}]*)\}`)

func (c *Catalog) checkStory(s *Story, complain complain) {
	if s.ID != "common" && s.ID != "restore" && !slices.Contains(incidentTypes, s.ID) {
		complain("is no kind of incident")
	}
	texts := slices.Concat(s.Openings, s.Goals)
	if s.ID != "common" && (len(s.Openings) == 0 || len(s.Goals) == 0 || len(s.Injects) < 4) {
		complain("an opening, goals and at least four injects are needed")
	}
	seen := map[string]bool{}
	for _, i := range slices.Concat(s.Injects, s.Twists) {
		at := complain.of("inject " + i.ID)
		at.id(i.ID)
		at.text("news", i.News)
		at.among("phase", PlaybookPhases, 1, i.Phase)
		at.among("to", append([]string{"Everybody"}, PlaybookRoles...), 1, i.To)
		if len(i.Expects) < 2 || i.Within <= 0 {
			at("what is expected (two points or more) and the minutes are needed")
		}
		if seen[i.ID] {
			at("stands there twice")
		}
		seen[i.ID] = true
		texts = append(append(texts, i.News), i.Expects...)
	}
	for _, text := range texts {
		for _, m := range storyName.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(StoryNames, m[1]) {
				complain("%q: nobody knows the name {%s}", text, m[1])
			}
		}
	}
	for i := 1; i < len(s.Injects); i++ {
		if slices.Index(PlaybookPhases, s.Injects[i].Phase) < slices.Index(PlaybookPhases, s.Injects[i-1].Phase) {
			complain("inject %s: its phase is before that of the one before", s.Injects[i].ID)
		}
	}
}

// Tell puts names into a text.
func Tell(text string, names map[string]string) string {
	return storyName.ReplaceAllStringFunc(text, func(found string) string { return names[found[1:len(found)-1]] })
}
