module example.com/zenml-registry

go 1.25

require (
	github.com/aws/aws-cdk-go/awscdk/v2 v2.227.0
	github.com/aws/jsii-runtime-go v1.140.0
	github.com/cdk-zenml/cdk-zenml-go/cdkzenml v0.0.0
)
