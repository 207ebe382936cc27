package cli

import "github.com/spf13/cobra"

// events holds the commands about what machines write down.
func (c *cmdline) events() *cobra.Command {
	return c.parent("events", "What machines write down: read it, look for it",
		"  holdfast events parse /var/log/auth.log",
		c.eventsParse(), c.eventsSearch(), c.eventsTail(), c.eventsStats(), c.eventsExport())
}
