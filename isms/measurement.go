package isms

import (
	"fmt"
	"strconv"

	"holdfast/kind"
)

// A Measurement is one reading of an indicator. A wrong reading is corrected by
// another at the same instant; the later one counts.
type Measurement struct {
	Base
	IndicatorID string          `json:"indicator_id" isms:"ref=indicator,required,list,filter,index,label=indicator,immutable"`
	At          Instant         `json:"at"           isms:"required,list,filter,index,immutable" doc:"The moment for which the figure holds."`
	Value       float64         `json:"value"        isms:"list,immutable"`
	Health      Health          `json:"health"       isms:"computed,list,filter" doc:"How it compared with target and warning then."`
	Source      IndicatorSource `json:"source"       isms:"list,filter,immutable"`
	Note        Markdown        `json:"note"         isms:"search" doc:"What explains it."`
}

// Measurements describes the record type.
var Measurements = kind.Of("measurement", kind.Spec[Measurement]{
	Group: kind.Improve, Icon: "curve", Sort: "-at", Parent: "indicator_id",
	Doc: "One reading of an indicator at one moment.",
	Prepare: func(m *Measurement) {
		if !m.At.IsZero() {
			m.Title = fmt.Sprintf("%s on %s", strconv.FormatFloat(m.Value, 'f', -1, 64), kind.DateOf(m.At.UTC()))
		}
	},
})
