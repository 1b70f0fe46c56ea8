interface OutsideService {
  name: string;
  /** Where it answers. */
  address: string;
  ports: readonly { name: string; port: number; targetPort?: number; protocol?: "TCP" | "UDP" }[];
  /** Its own address; absent: any. */
  clusterIP?: string;
}

/** A Service of kube-system for what runs beside the pods, as objects to apply. */
export const outsideService = ({
  name,
  address,
  ports,
  clusterIP,
}: OutsideService): readonly object[] => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "kube-system" },
    spec: { clusterIP, ports },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-outside`,
      namespace: "kube-system",
      labels: { "kubernetes.io/service-name": name },
    },
    addressType: "IPv4",
    ports: ports.map(({ targetPort, ...port }) => ({ ...port, port: targetPort ?? port.port })),
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  },
];
