package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"burnline/internal/harness/cloudwatch"
)

// each measures the same in every minute.
func each(values ...float64) func(time.Time) []float64 {
	return func(time.Time) []float64 { return values }
}

// earlier measures until two hours ago, and nothing since: what happened once is listed for hours or weeks.
func earlier(values ...float64) func(time.Time) []float64 {
	end := time.Now().Add(-2 * time.Hour)
	return func(minute time.Time) []float64 {
		if minute.After(end) {
			return nil
		}
		return values
	}
}

// many are n times the same.
func many(n int, value float64) []float64 { return slices.Repeat([]float64{value}, n) }

// account is what a team has with AWS, gathered piece by piece.
type account struct{ options cloudwatch.Options }

// resource adds a resource.
func (a *account) resource(service, name string) {
	a.options.Resources = append(a.options.Resources, cloudwatch.Resource{
		ARN:  fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, cloudwatch.Region, cloudwatch.Account, name),
		Tags: map[string]string{"team": "shop"},
	})
}

// metrics adds metrics under each set of dimensions.
func (a *account) metrics(namespace string, sets []map[string]string, all map[string]func(time.Time) []float64) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, set := range sets {
			a.options.Metrics = append(a.options.Metrics, cloudwatch.Metric{Namespace: namespace, Name: name, Dimensions: set, Minute: all[name]})
		}
	}
}

// measures are what a resource is measured by, by the name of the metric.
type measures = map[string]func(time.Time) []float64

// estate is what CloudWatch has to tell, each metric under the dimensions and on the occasions that AWS documents.
func estate() cloudwatch.Options {
	var a account
	a.balancers()
	a.functions()
	a.databases()
	a.queues()
	return a.options
}

// balancers are load balancers: of a shop that fails at times, of a blog that is slow and never failed, of a wiki
// that nobody visits, and of a bank whose targets are all gone, for which RequestCount counts nothing. A metric of requests is
// there when it is not zero.
func (a *account) balancers() {
	for i, one := range []struct {
		name             string
		requests, groups measures
	}{
		{"shop", measures{
			"RequestCount": each(many(100, 1)...), "HTTPCode_Target_5XX_Count": each(1, 1), "HTTPCode_ELB_5XX_Count": each(1),
			"TargetResponseTime": each(many(100, 0.08)...), "RejectedConnectionCount": earlier(1),
		}, measures{"UnHealthyHostCount": each(1), "HealthyHostCount": each(2)}},
		{"blog", measures{"RequestCount": each(many(20, 1)...), "TargetResponseTime": each(many(20, 0.9)...)}, measures{"UnHealthyHostCount": each(0), "HealthyHostCount": each(2)}},
		{"wiki", measures{"RequestCount": earlier(1), "TargetResponseTime": earlier(0.1)}, measures{"UnHealthyHostCount": each(0), "HealthyHostCount": each(1)}},
		{"bank", measures{"HTTPCode_ELB_5XX_Count": each(many(50, 1)...)}, measures{"UnHealthyHostCount": each(3), "HealthyHostCount": each(0)}},
	} {
		balancer, group := fmt.Sprintf("app/%s/%016x", one.name, i+1), fmt.Sprintf("targetgroup/%s/%016x", one.name, i+11)
		a.resource("elasticloadbalancing", "loadbalancer/"+balancer)
		a.resource("elasticloadbalancing", group)
		whole := map[string]string{"LoadBalancer": balancer}
		zone := map[string]string{"LoadBalancer": balancer, "AvailabilityZone": cloudwatch.Region + "a"}
		targets := map[string]string{"LoadBalancer": balancer, "TargetGroup": group}
		both := map[string]string{"LoadBalancer": balancer, "TargetGroup": group, "AvailabilityZone": cloudwatch.Region + "a"}
		a.metrics("AWS/ApplicationELB", []map[string]string{targets, both}, one.groups)
		for name, minute := range one.requests {
			sets := []map[string]string{whole, zone}
			if name == "RequestCount" || name == "HTTPCode_Target_5XX_Count" || name == "TargetResponseTime" {
				sets = append(sets, targets, both)
			}
			a.metrics("AWS/ApplicationELB", sets, measures{name: minute})
		}
	}
}

// functions are Lambda's: one that fails at times and is throttled, and a slow one. Each is told by itself and by its alias.
func (a *account) functions() {
	for name, measured := range map[string]measures{
		"mail": {"Invocations": each(many(10, 1)...), "Errors": each(append(many(9, 0), 1)...), "Throttles": each(1), "Duration": each(many(10, 120)...), "ConcurrentExecutions": each(2)},
		"bill": {"Invocations": each(many(5, 1)...), "Errors": each(many(5, 0)...), "Throttles": each(0), "Duration": each(many(5, 9000)...), "ConcurrentExecutions": each(1)},
	} {
		a.resource("lambda", "function:"+name)
		a.metrics("AWS/Lambda", []map[string]string{{"FunctionName": name}, {"FunctionName": name, "Resource": name + ":live"}, {}}, measured)
	}
}

// databases are RDS': a primary, a slow replica that is behind, and one that was stopped hours ago.
func (a *account) databases() {
	for name, measured := range map[string]measures{
		"orders":         {"ReadLatency": each(0.002), "WriteLatency": each(0.004), "CPUUtilization": each(35), "DatabaseConnections": each(40), "FreeStorageSpace": each(50e9)},
		"orders-replica": {"ReadLatency": each(0.2), "WriteLatency": each(0.09), "CPUUtilization": each(95), "DatabaseConnections": each(10), "FreeStorageSpace": each(4e9), "ReplicaLag": each(90)},
		"archive":        {"ReadLatency": earlier(0.002), "WriteLatency": earlier(0.002), "CPUUtilization": earlier(2), "DatabaseConnections": earlier(0), "FreeStorageSpace": earlier(9e9)},
	} {
		a.resource("rds", "db:"+name)
		a.metrics("AWS/RDS", []map[string]string{{"DBInstanceIdentifier": name}, {"DatabaseClass": "db.m6g.large"}, {"EngineName": "postgres"}, {}}, measured)
	}
}

// queues are SQS': one that is worked off, one that nobody works off, and one of dead letters.
func (a *account) queues() {
	for name, measured := range map[string]measures{
		"mail":     {"ApproximateAgeOfOldestMessage": each(3), "ApproximateNumberOfMessagesVisible": each(2), "NumberOfMessagesSent": each(30), "NumberOfMessagesDeleted": each(30)},
		"bill":     {"ApproximateAgeOfOldestMessage": each(4000), "ApproximateNumberOfMessagesVisible": each(700), "NumberOfMessagesSent": each(5), "NumberOfMessagesDeleted": each(0)},
		"bill-dlq": {"ApproximateAgeOfOldestMessage": each(100), "ApproximateNumberOfMessagesVisible": each(3), "NumberOfMessagesSent": each(0), "NumberOfMessagesDeleted": each(0)},
	} {
		a.resource("sqs", name)
		a.metrics("AWS/SQS", []map[string]string{{"QueueName": name}}, measured)
	}
}
