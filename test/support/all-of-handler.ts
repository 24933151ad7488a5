// One file, so that mutation testing loads the handler once for each mutant and not once for each test file.
import '../contract/physical-id.test';
import '../contract/rules.test';
import '../contract/stability.test';
import '../contract/timing.test';
import '../handler/aws-lookups.test';
import '../handler/called-off.test';
import '../handler/client-answers.test';
import '../handler/client.test';
import '../handler/cloudformation.test';
import '../handler/failure-modes.test';
import '../handler/happy-paths.test';
import '../handler/outside.test';
import '../handler/ownership.test';
import '../handler/redaction.test';
import '../handler/stack-attachment.test';
import '../handler/trust.test';
import '../handler/zenml-answers.test';
