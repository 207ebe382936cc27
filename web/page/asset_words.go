package page

import (
	"fmt"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// fixLine says what a repair mends on the asset.
func (v *assetView) fixLine(g store.FindingGroup) string {
	text := v.plural(g.Count, "finding", "findings")
	if g.Exploited > 0 {
		text += " · exploited in the wild"
	}
	if g.Due != "" {
		text += " · due " + dueWords(g.Due, v.today)
	}
	return text
}

func (v *assetView) riskLine(r *isms.Risk) string {
	text := isms.Risks.Field("status").Choice(string(r.Status)).Label
	if r.LossTarget < r.LossNow {
		text += " · " + v.amount(r.LossTarget) + " with the plan"
	}
	if r.Findings > 0 {
		text += " · " + v.plural(int64(r.Findings), "open finding", "open findings")
	}
	return text
}

// engineNames are what people call the engines.
var engineNames = map[string]string{
	"configcheck": "Configuration", "vulnmatch": "Known vulnerabilities", "archcheck": "Architecture", "attackpath": "Attack paths", "decoy": "Traps", "detect": "Detection",
}

func engineName(engine string) string {
	if name, ok := engineNames[engine]; ok {
		return name
	}
	return kind.Humanise(engine)
}

// runLine says what a run concluded.
func runLine(r store.Run) string {
	switch {
	case r.Error != "":
		return "failed"
	case r.Looked == 0:
		return "nothing to conclude"
	case r.Failed == 0:
		return fmt.Sprintf("%d looked at, all as they should be", r.Looked)
	case r.Failed == r.Looked:
		return fmt.Sprintf("%d weaknesses seen", r.Failed)
	}
	return fmt.Sprintf("%d of %d not as they should be", r.Failed, r.Looked)
}
