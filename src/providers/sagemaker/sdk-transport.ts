import {
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
  SageMakerRuntimeClient,
  type ResponseStream,
} from "@aws-sdk/client-sagemaker-runtime";
import { AwsClients } from "../aws-clients.ts";
import { translateAwsError } from "../aws-error.ts";
import type { ReachBackend } from "../contract.ts";
import { followClock, unzipped } from "../sdk-middleware.ts";
import { sdkSettings } from "../sdk-settings.ts";
import { SdkStreamLease } from "../sdk-stream-lease.ts";
import type { InvokeCall, Invoked, InvokedStream, SageMakerTransport } from "./transport.ts";

type Clients = AwsClients<SageMakerRuntimeClient>;

/** SageMaker Runtime through the AWS SDK: the reference for other transports. */
export function sdkTransport(reach: ReachBackend): SageMakerTransport {
  const clients: Clients = new AwsClients({
    reach,
    create: (settings) => {
      const client = new SageMakerRuntimeClient(sdkSettings(settings));
      client.middlewareStack.use(unzipped);
      followClock(client);
      return client;
    },
  });
  return {
    invoke: async (call) => invoke(clients, call),
    stream: async (call) => stream(clients, call),
    close: () => clients.close(),
  };
}

/** The router's own deadlines come first; this one holds where a caller forgets them. */
const sending = ({ backend }: InvokeCall, abortSignal: AbortSignal) => ({
  abortSignal,
  requestTimeout: backend.timeouts.totalMs,
});

async function invoke(clients: Clients, call: InvokeCall): Promise<Invoked> {
  const { signal, invocation } = call;
  const lease = clients.lease(call.backend);
  try {
    const answer = await lease.call(signal, async (client) =>
      client.send(new InvokeEndpointCommand(invocation), sending(call, signal)),
    );
    return { body: answer.Body ?? new Uint8Array(), ...identified(answer) };
  } catch (error) {
    throw translateAwsError(error, { signal, broken: "connection_failed" });
  } finally {
    lease.release();
  }
}

async function stream(clients: Clients, call: InvokeCall): Promise<InvokedStream> {
  const { signal, invocation } = call;
  const lease = new SdkStreamLease(clients.lease(call.backend));
  try {
    const answer = await lease.open(signal, async (client, either) =>
      client.send(new InvokeEndpointWithResponseStreamCommand(invocation), sending(call, either)),
    );
    const { requestId } = answer.$metadata;
    const reading = { signal, broken: "stream_broken", requestId, begun: true } as const;
    const parts = readParts(answer.Body ?? none(), reading, () => lease.end());
    const { ContentType: contentType } = answer;
    return {
      parts,
      close: () => lease.close(),
      ...identified(answer),
      ...(contentType === undefined ? {} : { contentType }),
    };
  } catch (error) {
    lease.close();
    throw translateAwsError(error, { signal, broken: "stream_broken" });
  }
}

async function* readParts(
  events: AsyncIterable<ResponseStream>,
  reading: Parameters<typeof translateAwsError>[1],
  onEnd: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const event of events) {
      const failure = event.ModelStreamError ?? event.InternalStreamFailure;
      if (failure !== undefined) throw failure;
      if (event.PayloadPart?.Bytes !== undefined) yield event.PayloadPart.Bytes;
    }
    onEnd();
  } catch (error) {
    throw translateAwsError(error, reading);
  }
}

async function* none(): AsyncGenerator<never> {}

interface Answer {
  $metadata: { requestId?: string | undefined };
  InvokedProductionVariant?: string | undefined;
}

function identified(answer: Answer): { requestId?: string; variant?: string } {
  const { requestId } = answer.$metadata;
  const { InvokedProductionVariant: variant } = answer;
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(variant === undefined ? {} : { variant }),
  };
}
