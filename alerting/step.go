package alerting

import "context"

// Step does once what Run and RunAlerts do until they end: open incidents and outside
// alerts are judged as of now, and what is due is planned. It is for those who keep the time
// themselves, such as users' tests of a virtual day; it must not run beside Run or RunAlerts.
func (r *Router) Step(ctx context.Context) error {
	if err := r.review(ctx); err != nil {
		return err
	}
	if r.alertStore == nil {
		return nil
	}
	return r.tendAlerts(ctx, &r.alerts.stepped)
}
